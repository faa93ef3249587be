import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { initializeSecureCommunication } = require('iotAuth') as { initializeSecureCommunication(host: unknown): void };
require('mqtt');

/** Receives encrypted MQTT messages with keys of an authorization server. Interface only: that server was a research prototype.
 *  @input subscribe                     any
 *  @input unsubscribe                   any
 *  @output connection                   any, spontaneous
 *  @output subscription                 any
 *  @output received                     any, spontaneous
 *  @output receivedTopic                any
 *  @parameter brokerHost                string, default ""
 *  @parameter brokerPort                int, default 1883
 *  @parameter qosLevel                  int, default 0
 *  @parameter subscriberName            string, default ""
 *  @parameter authHost                  string, default "localhost"
 *  @parameter authPort                  int, default -1
 *  @parameter authCertPath              string, default ""
 *  @parameter subscriberPrivateKeyPath  string, default ""
 *  @parameter publicKeyCryptoSpec       string
 *  @parameter distributionCryptoSpec    string
 *  @parameter sessionCryptoSpec         string
 *  @error initialize throws: use net/MQTTSubscriber
 *  @example
 *  const subscriber = this.instantiate('subscriber', 'net/SecureSubscriber');
 *  this.connect(subscriber, 'received', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('subscribe');
  this.input('unsubscribe');
  this.output('connection', { spontaneous: true });
  this.output('subscription');
  this.output('received', { spontaneous: true });
  this.output('receivedTopic');
  this.parameter('brokerHost', { type: 'string', value: '' });
  this.parameter('brokerPort', { type: 'int', value: 1883 });
  this.parameter('qosLevel', { type: 'int', value: 0 });
  this.parameter('subscriberName', { value: '', type: 'string' });
  this.parameter('authHost', { type: 'string', value: 'localhost' });
  this.parameter('authPort', { value: -1, type: 'int' });
  this.parameter('authCertPath', { value: '', type: 'string' });
  this.parameter('subscriberPrivateKeyPath', { value: '', type: 'string' });
  this.parameter('publicKeyCryptoSpec', { type: 'string' });
  this.parameter('distributionCryptoSpec', { type: 'string' });
  this.parameter('sessionCryptoSpec', { type: 'string' });
}

export function initialize(this: AccessorContext): void {
  initializeSecureCommunication(this.getParameter('authHost'));
}

export function subscribeInputHandler(this: AccessorContext): void {}

export function unsubscribeInputHandler(this: AccessorContext): void {}

export function wrapup(this: AccessorContext): void {}
