import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { initializeSecureCommunication } = require('iotAuth') as { initializeSecureCommunication(host: unknown): void };
require('mqtt');

/** Publishes encrypted MQTT messages with keys of an authorization server. Interface only: that server was a research prototype.
 *  @input toPublish                    any
 *  @output connection                  any, spontaneous
 *  @output ready                       any, spontaneous
 *  @parameter brokerHost               string, default ""
 *  @parameter brokerPort               int, default 1883
 *  @parameter topic                    string, default ""
 *  @parameter qosLevel                 int, default 2
 *  @parameter publisherName            string, default ""
 *  @parameter authHost                 string, default "localhost"
 *  @parameter authPort                 int, default -1
 *  @parameter authCertPath             string, default ""
 *  @parameter publisherPrivateKeyPath  string, default ""
 *  @parameter publicKeyCryptoSpec      string
 *  @parameter distributionCryptoSpec   string
 *  @parameter numKeysPerRequest        int, default 1
 *  @parameter sessionCryptoSpec        string
 *  @error initialize throws: use net/MQTTPublisher
 *  @example
 *  const publisher = this.instantiate('publisher', 'net/SecurePublisher');
 *  this.connect(source, 'output', publisher, 'toPublish'); */
export function setup(this: AccessorContext): void {
  this.input('toPublish');
  this.output('connection', { spontaneous: true });
  this.output('ready', { spontaneous: true });
  this.parameter('brokerHost', { type: 'string', value: '' });
  this.parameter('brokerPort', { type: 'int', value: 1883 });
  this.parameter('topic', { type: 'string', value: '' });
  this.parameter('qosLevel', { type: 'int', value: 2 });
  this.parameter('publisherName', { value: '', type: 'string' });
  this.parameter('authHost', { type: 'string', value: 'localhost' });
  this.parameter('authPort', { value: -1, type: 'int' });
  this.parameter('authCertPath', { value: '', type: 'string' });
  this.parameter('publisherPrivateKeyPath', { value: '', type: 'string' });
  this.parameter('publicKeyCryptoSpec', { type: 'string' });
  this.parameter('distributionCryptoSpec', { type: 'string' });
  this.parameter('numKeysPerRequest', { value: 1, type: 'int' });
  this.parameter('sessionCryptoSpec', { type: 'string' });
}

export function initialize(this: AccessorContext): void {
  initializeSecureCommunication(this.getParameter('authHost'));
}

export function toPublishInputHandler(this: AccessorContext): void {}

export function wrapup(this: AccessorContext): void {}
