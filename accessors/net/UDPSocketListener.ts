import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;
declare const exports: AccessorExports;

interface Socket {
  on(event: 'listening' | 'message' | 'close' | 'error', listener: (value: unknown) => void): void;
  bind(port: unknown, address: unknown): void;
  setReceiveType(type: unknown): void;
  close(): void;
}
const { createSocket } = require('@accessors-modules/udp-socket') as { createSocket(type: string): Socket };

// Exported, for accessors that derive from this one.
exports.socket = null;
exports.running = false;

/** Receives UDP messages at a port, which may change. Errors are reported.
 *  @input listeningAddress  string, default "0.0.0.0"; address of this machine, or of a multicast group to join
 *  @input listeningPort     int, default 8084; negative: none
 *  @output message          any; text, a Buffer for image, else an array of numbers
 *  @output listening        boolean
 *  @parameter receiveType   string, default "string"; byte, double, float, image, int, number, short, string, unsignedbyte, unsignedshort
 *  @error a port that cannot be had and a type that there is not are reported
 *  @example
 *  const listener = this.instantiate('listener', 'net/UDPSocketListener');
 *  listener.setDefault('listeningPort', 0); // any that is free
 *  this.connect(listener, 'message', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('listeningAddress', { value: '0.0.0.0', type: 'string' });
  this.input('listeningPort', { value: 8084, type: 'int' });
  this.output('message');
  this.output('listening', { type: 'boolean' });
  this.parameter('receiveType', { type: 'string', value: 'string' });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  exports.running = true;
  this.addInputHandler('listeningPort', () => root.exports.closeAndOpen.call(root));
  root.exports.closeAndOpen.call(root);
}

/** Closes the socket and opens one at the present port. */
export function closeAndOpen(this: AccessorContext): void {
  close.call(this);
  const port = Number(this.get('listeningPort'));
  if (port < 0) return;
  const address = String(this.get('listeningAddress'));
  const opened = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  exports.socket = opened;
  let listening = false;
  const whenCurrent = (call: (value: unknown) => void) => (value: unknown) => {
    if (exports.socket === opened) call(value);
  };
  opened.on(
    'error',
    whenCurrent((error) => this.error(error)),
  );
  opened.setReceiveType(this.getParameter('receiveType'));
  opened.on(
    'listening',
    whenCurrent(() => {
      listening = true;
      this.send('listening', true);
    }),
  );
  opened.on(
    'message',
    whenCurrent((message) => this.send('message', message)),
  );
  opened.on('close', () => {
    if (exports.running && listening) this.send('listening', false);
    if (exports.socket === opened) exports.socket = null;
  });
  opened.bind(port, address);
}

function close(this: AccessorContext): void {
  const closing = exports.socket as Socket | null;
  closing?.close();
}

export function wrapup(this: AccessorContext): void {
  exports.running = false;
  close.call(this);
}
