import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Client {
  readonly connected: boolean;
  on(event: 'connect' | 'error', listener: (error: Error) => void): void;
  start(): void;
  end(): void;
  publish(topic: unknown, message: unknown, options: object): void;
}
const { createClient } = require('@accessors-modules/mqtt') as { createClient(port: unknown, host: unknown): Client };

let client: Client | undefined;

/** Publishes values on an MQTT topic. A connection that is lost is made again; errors are reported.
 *  @input toPublish       any; text, a Buffer, or what is published as JSON; lost when there is no connection
 *  @output connection     any, spontaneous; text at each connection
 *  @parameter brokerHost  string, default "localhost"
 *  @parameter brokerPort  int, default 1883
 *  @parameter topic       string, default ""
 *  @parameter qosLevel    int, default 2; 0: at most once, 1: at least once, 2: exactly once
 *  @error failures of the connection are reported; a value that comes while there is none is lost, with a note
 *  @example
 *  const publisher = this.instantiate('publisher', 'net/MQTTPublisher');
 *  publisher.setParameter('brokerHost', 'broker.local');
 *  publisher.setParameter('topic', 'lab/temperature');
 *  this.connect(thermometer, 'output', publisher, 'toPublish'); */
export function setup(this: AccessorContext): void {
  this.input('toPublish');
  this.output('connection', { spontaneous: true });
  this.parameter('brokerHost', { type: 'string', value: 'localhost' });
  this.parameter('brokerPort', { type: 'int', value: 1883 });
  this.parameter('topic', { type: 'string', value: '' });
  this.parameter('qosLevel', { type: 'int', value: 2 });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  const started = createClient(this.getParameter('brokerPort'), this.getParameter('brokerHost') || 'localhost');
  client = started;
  started.on('connect', () => {
    if (client === started) this.send('connection', 'connected to broker');
  });
  started.on('error', (error) => this.error(error.message));
  this.addInputHandler('toPublish', () => root.exports.toPublishInputHandler.call(root));
  started.start();
}

/** Called for each value at `toPublish`. */
export function toPublishInputHandler(this: AccessorContext): void {
  const value = this.get('toPublish');
  if (client?.connected) client.publish(this.getParameter('topic'), value, { qos: this.getParameter('qosLevel') });
  else console.log(`${this.getName()}: not connected to the broker; value not published.`);
}

export function wrapup(this: AccessorContext): void {
  const ending = client;
  client = undefined;
  ending?.end();
}
