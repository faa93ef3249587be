import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

let messages = 0;
/** The topic was announced, and is to be withdrawn. */
let announced = false;

/** Publishes a place on a topic of a robot (ROS), as sensor_msgs/NavSatFix, through the rosbridge server that stands before it.
 *  @input server                         string, default "localhost"; the rosbridge server
 *  @input port                           int, default -1; mostly 9090; negative: not connected
 *  @input toSend                         any; {latitude, longitude} in degrees, altitude in m
 *  @output connected                     boolean
 *  @output received                      any; what the server sends, such as {op: 'status', level, msg}
 *  @parameter receiveType                string, default "application/json"; text/plain for text, anything else as it comes
 *  @parameter sendType                   string, default "application/json"
 *  @parameter connectTimeout             int, default 1000; ms for an attempt
 *  @parameter numberOfRetries            int, default 5; after the first attempt
 *  @parameter timeBetweenRetries         int, default 500; ms
 *  @parameter trustAll                   boolean, default false; accept any certificate
 *  @parameter trustedCACertPath          string, default ""; PEM file of who signs the server's certificate
 *  @parameter sslTls                     boolean, default false
 *  @parameter discardMessagesBeforeOpen  boolean, default false
 *  @parameter throttleFactor             int, default 100; without effect: a host cannot make the sender of a message wait
 *  @parameter topic                      string; such as /fix
 *  @parameter frame_id                   string, default ""; of the receiver that the place was measured with
 *  @error failures of the connection are reported; a place without latitude and longitude too
 *  @example
 *  const publisher = this.instantiate('publisher', 'robotics/LocationRosPublisher');
 *  publisher.setDefault('port', 9090);
 *  publisher.setParameter('topic', '/fix');
 *  this.connect(receiver, 'output', publisher, 'toSend'); */
export function setup(this: AccessorContext): void {
  this.extend('net/WebSocketClient');
  this.parameter('topic', { type: 'string' });
  this.parameter('frame_id', { type: 'string', value: '' });
}

export function initialize(this: AccessorContext): void {
  messages = 0;
  announced = false;
  exports.ssuper?.initialize?.call(this);
}

/** Announces the topic at each connection: rosbridge forgets it with the last one. */
export function onOpen(this: AccessorContext): void {
  exports.ssuper?.sendToWebSocket.call(this, { op: 'advertise', topic: this.getParameter('topic'), type: 'sensor_msgs/NavSatFix' });
  announced = true;
  exports.ssuper?.onOpen.call(this);
}

export function toSendInputHandler(this: AccessorContext): void {
  const place = this.get('toSend') as { readonly latitude?: unknown; readonly longitude?: unknown; readonly altitude?: unknown } | null;
  if (typeof place?.latitude !== 'number' || typeof place.longitude !== 'number') {
    this.error(`A place should have latitude and longitude, got ${JSON.stringify(place)}`);
    return;
  }
  const now = Date.now();
  const stamp = { secs: Math.floor(now / 1000), nsecs: (now % 1000) * 1_000_000 };
  const msg = {
    header: { seq: messages++, stamp, frame_id: this.getParameter('frame_id') },
    latitude: place.latitude,
    longitude: place.longitude,
    altitude: Number(place.altitude ?? 0),
  };
  exports.ssuper?.sendToWebSocket.call(this, { op: 'publish', topic: this.getParameter('topic'), msg });
}

/** Withdraws the topic and disconnects. */
export function wrapup(this: AccessorContext): void {
  if (announced) exports.ssuper?.sendToWebSocket.call(this, { op: 'unadvertise', topic: this.getParameter('topic') });
  exports.ssuper?.wrapup?.call(this);
}
