import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Client {
  readonly connected: boolean;
  on(event: 'connect', listener: () => void): void;
  on(event: 'message', listener: (topic: string, message: string) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  start(): void;
  end(): void;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
}
const { createClient } = require('@accessors-modules/mqtt') as { createClient(port: unknown, host: unknown): Client };

let client: Client | undefined;

/** Receives the messages of MQTT topics, also of patterns of them. A connection that is lost is made again, with its
 *  topics; errors are reported.
 *  @input subscribe       string, default ""; topic; the one of the moment when the connection opens is subscribed by itself
 *  @input unsubscribe     any; topic
 *  @output connection     any, spontaneous; text at each connection
 *  @output subscription   any; text that names the topic
 *  @output received       any, spontaneous; text of a message
 *  @output receivedTopic  any; its topic, right after it
 *  @parameter brokerHost  string, default ""; that is localhost
 *  @parameter brokerPort  int, default 1883
 *  @error failures of the connection, and a subscription while there is none, are reported
 *  @example
 *  const subscriber = this.instantiate('subscriber', 'net/MQTTSubscriber');
 *  subscriber.setParameter('brokerHost', 'broker.local');
 *  subscriber.setDefault('subscribe', 'lab/+/temperature');
 *  this.connect(subscriber, 'received', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('subscribe', { type: 'string', value: '' });
  this.input('unsubscribe');
  this.output('connection', { spontaneous: true });
  this.output('subscription');
  this.output('received', { spontaneous: true });
  this.output('receivedTopic');
  this.parameter('brokerHost', { type: 'string', value: '' });
  this.parameter('brokerPort', { type: 'int', value: 1883 });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  const started = createClient(this.getParameter('brokerPort'), this.getParameter('brokerHost') || 'localhost');
  client = started;
  let first = true;
  started.on('connect', () => {
    if (client !== started) return;
    this.send('connection', 'connected to broker');
    const topic = String(this.get('subscribe') ?? '');
    if (first && topic !== '') subscribe.call(this, started, topic); // a later connection has its topics already
    first = false;
  });
  started.on('message', (topic, message) => {
    if (client !== started) return;
    this.send('received', message);
    this.send('receivedTopic', topic);
  });
  started.on('error', (error) => this.error(error.message));
  this.addInputHandler('subscribe', () => root.exports.subscribeInputHandler.call(root));
  this.addInputHandler('unsubscribe', () => root.exports.unsubscribeInputHandler.call(root));
  started.start();
}

function subscribe(this: AccessorContext, to: Client, topic: string): void {
  to.subscribe(topic);
  this.send('subscription', `Topic: ${topic} - subscribed`);
}

/** Called for each value at `subscribe`. */
export function subscribeInputHandler(this: AccessorContext): void {
  const topic = String(this.get('subscribe'));
  if (client?.connected) subscribe.call(this, client, topic);
  else this.error(`Not connected to the broker; topic ${topic} not subscribed.`);
}

/** Called for each value at `unsubscribe`. */
export function unsubscribeInputHandler(this: AccessorContext): void {
  const topic = String(this.get('unsubscribe'));
  if (client?.connected) {
    client.unsubscribe(topic);
    this.send('subscription', `Topic: ${topic} - unsubscribed`);
  } else this.error(`Not connected to the broker; topic ${topic} not unsubscribed.`);
}

export function wrapup(this: AccessorContext): void {
  const ending = client;
  client = undefined;
  ending?.end();
}
