import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { initializeSecureCommunication } = require('@accessors-modules/iot-auth') as { initializeSecureCommunication(host: unknown): void };

/** Client of an encrypted connection whose keys come from an authorization server. Interface only: that server was a research
 *  prototype.
 *  @input serverHostPort              JSON, default {"host": "localhost", "port": 21200}; {host, port}
 *  @input toSend                      any
 *  @output connected                  boolean, spontaneous
 *  @output received                   string
 *  @parameter clientName              string, default ""
 *  @parameter authHost                string, default "localhost"
 *  @parameter authPort                int, default -1
 *  @parameter authCertPath            string, default ""
 *  @parameter clientPrivateKeyPath    string, default ""
 *  @parameter publicKeyCryptoSpec     string
 *  @parameter distributionCryptoSpec  string
 *  @parameter numKeysPerRequest       int, default 1
 *  @parameter targetServerGroup       string, default ""
 *  @parameter sessionCryptoSpec       string
 *  @parameter receiveType             string, default "string"
 *  @parameter sendType                string, default "string"
 *  @error initialize throws: use net/TCPSocketClient with sslTls
 *  @example
 *  const client = this.instantiate('client', 'net/SecureCommClient');
 *  this.connect(source, 'output', client, 'toSend'); */
export function setup(this: AccessorContext): void {
  this.input('serverHostPort', { type: 'JSON', value: { host: 'localhost', port: 21200 } });
  this.input('toSend');
  this.output('connected', { type: 'boolean', spontaneous: true });
  this.output('received', { type: 'string' });
  this.parameter('clientName', { value: '', type: 'string' });
  this.parameter('authHost', { type: 'string', value: 'localhost' });
  this.parameter('authPort', { value: -1, type: 'int' });
  this.parameter('authCertPath', { value: '', type: 'string' });
  this.parameter('clientPrivateKeyPath', { value: '', type: 'string' });
  this.parameter('publicKeyCryptoSpec', { type: 'string' });
  this.parameter('distributionCryptoSpec', { type: 'string' });
  this.parameter('numKeysPerRequest', { value: 1, type: 'int' });
  this.parameter('targetServerGroup', { value: '', type: 'string' });
  this.parameter('sessionCryptoSpec', { type: 'string' });
  this.parameter('receiveType', { type: 'string', value: 'string', options: ['string', 'image', 'byteArray'] });
  this.parameter('sendType', { type: 'string', value: 'string', options: ['string', 'image', 'byteArray'] });
}

export function initialize(this: AccessorContext): void {
  initializeSecureCommunication(this.getParameter('authHost'));
}

export function serverHostPortInputHandler(this: AccessorContext): void {}

export function toSendInputHandler(this: AccessorContext): void {}

export function wrapup(this: AccessorContext): void {}
