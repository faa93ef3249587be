import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

/** What the rosbridge server sends; a fragment is a part of the text of a packet. */
interface Packet {
  readonly op?: string;
  readonly level?: string;
  readonly msg?: unknown;
  readonly id?: string;
  readonly data?: string;
  readonly num?: number;
  readonly total?: number;
}

/** A server that begins packets without ending them must not fill the memory. */
const MAX_UNFINISHED = 100;

/** Parts of packets so far, by their id. */
let unfinished = new Map<string, string[]>();
let subscribed = false;

/** Receives the messages of a topic of a robot (ROS), through the rosbridge server that stands before it.
 *  @input server                          string, default "localhost"; the rosbridge server
 *  @input port                            int, default -1; mostly 9090; negative: not connected
 *  @input toSend                          any; another operation for the server, such as {op: 'call_service', service: '/rosapi/topics'}
 *  @output connected                      boolean
 *  @output received                       any; {op: 'publish', topic, msg}, with the message in msg
 *  @parameter receiveType                 string, default "application/json"; text/plain for text, anything else as it comes
 *  @parameter sendType                    string, default "application/json"
 *  @parameter connectTimeout              int, default 1000; ms for an attempt
 *  @parameter numberOfRetries             int, default 5; after the first attempt
 *  @parameter timeBetweenRetries          int, default 500; ms
 *  @parameter trustAll                    boolean, default false; accept any certificate
 *  @parameter trustedCACertPath           string, default ""; PEM file of who signs the server's certificate
 *  @parameter sslTls                      boolean, default false
 *  @parameter discardMessagesBeforeOpen   boolean, default false
 *  @parameter throttleFactor              int, default 100; without effect: a host cannot make the sender of a message wait
 *  @parameter topic                       string, default ""; such as /scan
 *  @parameter throttleRate                int, default 0; ms from one message to the next; 0: all
 *  @parameter queueLength                 int, default 10; messages that the server keeps when they come too fast
 *  @parameter fragmentSize                int, default 10000; bytes; longer messages come in parts
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send each part as it comes
 *  @parameter compression                 string, default "none"; none is what this accessor can read
 *  @error failures of the connection, and what the server refuses, are reported
 *  @example
 *  const subscriber = this.instantiate('subscriber', 'robotics/RosSubscriber');
 *  subscriber.setDefault('port', 9090);
 *  subscriber.setParameter('topic', '/chatter');
 *  this.connect(subscriber, 'received', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/WebSocketClient');
  this.parameter('topic', { type: 'string', value: '' });
  this.parameter('throttleRate', { type: 'int', value: 0 });
  this.parameter('queueLength', { type: 'int', value: 10 });
  this.parameter('fragmentSize', { type: 'int', value: 10000 });
  this.parameter('outputCompleteResponseOnly', { type: 'boolean', value: true });
  this.parameter('compression', { type: 'string', value: 'none' });
}

export function initialize(this: AccessorContext): void {
  unfinished = new Map();
  subscribed = false;
  exports.ssuper?.initialize?.call(this);
}

/** Subscribes at each connection: rosbridge forgets it with the last one. */
export function onOpen(this: AccessorContext): void {
  exports.ssuper?.sendToWebSocket.call(this, {
    op: 'subscribe',
    topic: this.getParameter('topic'),
    throttle_rate: this.getParameter('throttleRate'),
    queue_length: this.getParameter('queueLength'),
    fragment_size: this.getParameter('fragmentSize'),
    compression: this.getParameter('compression'),
  });
  subscribed = true;
  exports.ssuper?.onOpen.call(this);
}

export function toSendInputHandler(this: AccessorContext): void {
  exports.ssuper?.toSendInputHandler.call(this);
}

/** Called with each packet. */
export function onMessage(this: AccessorContext, packet: Packet): void {
  if (packet.op === 'status' && packet.level === 'error') this.error(`The rosbridge server says: ${String(packet.msg)}`);
  else if (packet.op !== 'fragment' || !this.getParameter('outputCompleteResponseOnly')) exports.ssuper?.onMessage.call(this, packet);
  else {
    const whole = defragmentMessage.call(this, packet);
    if (whole !== undefined) exports.ssuper?.onMessage.call(this, whole);
  }
}

/** The packet that is complete with this part of it; undefined if others are missing. */
export function defragmentMessage(this: AccessorContext, { id = '', data = '', num = 0, total = 1 }: Packet): unknown {
  const parts = unfinished.get(id) ?? [];
  parts[num] = data;
  unfinished.set(id, parts);
  if (unfinished.size > MAX_UNFINISHED) unfinished.delete(unfinished.keys().next().value as string);
  if (Object.keys(parts).length < total) return undefined;
  unfinished.delete(id);
  try {
    return JSON.parse(parts.join(''));
  } catch {
    this.error(`The parts of the message ${id} make no JSON`);
    return undefined;
  }
}

/** Unsubscribes and disconnects. */
export function wrapup(this: AccessorContext): void {
  if (subscribed) exports.ssuper?.sendToWebSocket.call(this, { op: 'unsubscribe', topic: this.getParameter('topic') });
  exports.ssuper?.wrapup?.call(this);
}
