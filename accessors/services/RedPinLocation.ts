import type { AccessorContext } from '../../hosts/common/index.ts';

/** Asks a Redpin positioning server by TCP for the place that fits WiFi readings. Interface only: that server is maintained no more.
 *  @input host                           string, default "terra.eecs.berkeley.edu"
 *  @input port                           int, default 8090; negative: not connected
 *  @input toSend                         any; of sendType, or an array of numbers; before the connection is open, it waits
 *  @input wifiReadings                   any
 *  @input rawBytes                       any, default true; no lengths: what arrives comes out as it comes
 *  @output connected                     boolean
 *  @output received                      any; of receiveType; without rawBytes, several numbers of one message as an array
 *  @output location                      any
 *  @output mapName                       any
 *  @parameter connectTimeout             int, default 6000; ms for an attempt
 *  @parameter discardMessagesBeforeOpen  boolean, default false
 *  @parameter idleTimeout                int, default 0; s without data, after which the connection is closed; 0: any time
 *  @parameter keepAlive                  boolean, default true; the system asks a silent peer whether it is still there
 *  @parameter maxUnsentMessages          int, default 100; may wait for the connection; 0: any number
 *  @parameter noDelay                    boolean, default true; do not keep small data back to send them together
 *  @parameter pfxKeyCertPassword         string, default ""
 *  @parameter pfxKeyCertPath             string, default ""; PKCS #12 file of an own certificate
 *  @parameter rawBytes                   boolean, default false
 *  @parameter receiveBufferSize          int, default 65536; without effect: the system measures what the line needs
 *  @parameter receiveType                string, default "string"
 *  @parameter reconnectAttempts          int, default 10; after the first attempt
 *  @parameter reconnectInterval          int, default 1000; ms
 *  @parameter sendBufferSize             int, default 65536; without effect: the system measures what the line needs
 *  @parameter sendType                   string, default "string"
 *  @parameter sslTls                     boolean, default false
 *  @parameter trustAll                   boolean, default false; accept any certificate
 *  @parameter trustedCACertPath          string, default ""; PEM file of who signs the server's certificate
 *  @error initialize throws: use services/FINDLocation
 *  @example
 *  const location = this.instantiate('location', 'services/RedPinLocation');
 *  this.connect(scanner, 'output', location, 'wifiReadings'); */
export function setup(this: AccessorContext): void {
  this.extend('net/TCPSocketClient');
  this.input('host', { value: 'terra.eecs.berkeley.edu' });
  this.input('port', { value: 8090 });
  this.input('toSend', { visibility: 'expert' });
  this.input('wifiReadings');
  this.input('rawBytes', { visibility: 'expert', value: true });
  this.output('connected', { visibility: 'expert' });
  this.output('received', { visibility: 'expert' });
  this.output('location');
  this.output('mapName');
}

export function initialize(this: AccessorContext): void {
  throw new Error(
    `${this.getName()}: the Redpin server is maintained no more. Use services/FINDLocation with a server of the FIND project.`,
  );
}

export function wifiReadingsInputHandler(this: AccessorContext): void {}

export function dataReceivedHandler(this: AccessorContext): void {}
