import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

let messages = 0;
/** The topic was announced, and is to be withdrawn. */
let announced = false;

/** Publishes messages on a topic of a robot (ROS), through the rosbridge server that stands before it.
 *  @input server                         string, default "localhost"; the rosbridge server
 *  @input port                           int, default -1; mostly 9090; negative: not connected
 *  @input toSend                         any; a message of the type, as an object
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
 *  @parameter topic                      string; such as /cmd_vel
 *  @parameter ROStype                    string; such as geometry_msgs/Twist
 *  @parameter addHeader                  boolean, default false; give each message a header with number, time and frame_id
 *  @parameter frame_id                   string, default ""
 *  @error failures of the connection are reported
 *  @example
 *  const publisher = this.instantiate('publisher', 'robotics/RosPublisher');
 *  publisher.setDefault('port', 9090);
 *  publisher.setParameter('topic', '/chatter');
 *  publisher.setParameter('ROStype', 'std_msgs/String');
 *  this.connect(source, 'output', publisher, 'toSend'); // {data: 'hello'} */
export function setup(this: AccessorContext): void {
  this.extend('net/WebSocketClient');
  this.parameter('topic', { type: 'string' });
  this.parameter('ROStype', { type: 'string' });
  this.parameter('addHeader', { type: 'boolean', value: false });
  this.parameter('frame_id', { type: 'string', value: '' });
}

export function initialize(this: AccessorContext): void {
  messages = 0;
  exports.ssuper?.initialize?.call(this);
}

/** Announces the topic as soon as there is a connection. */
export function connect(this: AccessorContext): void {
  exports.ssuper?.connect.call(this);
  announced = Number(this.get('port')) >= 0;
  if (announced) exports.ssuper?.sendToWebSocket.call(this, operation.call(this, 'advertise', { type: this.getParameter('ROStype') }));
}

export function toSendInputHandler(this: AccessorContext): void {
  const message = this.get('toSend');
  const msg = this.getParameter('addHeader') ? { header: header.call(this), ...(message as object) } : message;
  exports.ssuper?.sendToWebSocket.call(this, operation.call(this, 'publish', { msg }));
}

function operation(this: AccessorContext, op: string, fields: object): object {
  return { op, topic: this.getParameter('topic'), ...fields };
}

function header(this: AccessorContext): object {
  const now = Date.now();
  const stamp = { secs: Math.floor(now / 1000), nsecs: (now % 1000) * 1_000_000 };
  return { seq: messages++, stamp, frame_id: this.getParameter('frame_id') };
}

/** Withdraws the topic and disconnects. */
export function wrapup(this: AccessorContext): void {
  if (announced) exports.ssuper?.sendToWebSocket.call(this, operation.call(this, 'unadvertise', {}));
  exports.ssuper?.wrapup?.call(this);
}
