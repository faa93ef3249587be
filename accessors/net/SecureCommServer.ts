import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { initializeSecureServer } = require('@accessors-modules/iot-auth') as { initializeSecureServer(host: unknown): void };

/** Server of encrypted connections whose keys come from an authorization server. Interface only: that server was a research
 *  prototype.
 *  @input toSend                      any
 *  @input toSendID                    int, default -1
 *  @output listening                  int
 *  @output connection                 any
 *  @output received                   any, spontaneous
 *  @output receivedID                 int, spontaneous
 *  @parameter serverName              string, default ""
 *  @parameter serverPort              int, default 4000
 *  @parameter authHost                string, default "localhost"
 *  @parameter authPort                int, default -1
 *  @parameter authCertPath            string, default ""
 *  @parameter serverPrivateKeyPath    string, default ""
 *  @parameter publicKeyCryptoSpec     string
 *  @parameter distributionCryptoSpec  string
 *  @parameter sessionCryptoSpec       string
 *  @parameter receiveType             string, default "string"
 *  @parameter sendType                string, default "string"
 *  @error initialize throws: use net/TCPSocketServer with sslTls
 *  @example
 *  const server = this.instantiate('server', 'net/SecureCommServer');
 *  this.connect(server, 'received', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('toSend');
  this.input('toSendID', { type: 'int', value: -1 });
  this.output('listening', { type: 'int' });
  this.output('connection');
  this.output('received', { spontaneous: true });
  this.output('receivedID', { type: 'int', spontaneous: true });
  this.parameter('serverName', { value: '', type: 'string' });
  this.parameter('serverPort', { type: 'int', value: 4000 });
  this.parameter('authHost', { type: 'string', value: 'localhost' });
  this.parameter('authPort', { value: -1, type: 'int' });
  this.parameter('authCertPath', { value: '', type: 'string' });
  this.parameter('serverPrivateKeyPath', { value: '', type: 'string' });
  this.parameter('publicKeyCryptoSpec', { type: 'string' });
  this.parameter('distributionCryptoSpec', { type: 'string' });
  this.parameter('sessionCryptoSpec', { type: 'string' });
  this.parameter('receiveType', { type: 'string', value: 'string', options: ['string', 'image', 'byteArray'] });
  this.parameter('sendType', { type: 'string', value: 'string', options: ['string', 'image', 'byteArray'] });
}

export function initialize(this: AccessorContext): void {
  initializeSecureServer(this.getParameter('authHost'));
}

export function toSendInputHandler(this: AccessorContext): void {}

export function wrapup(this: AccessorContext): void {}
