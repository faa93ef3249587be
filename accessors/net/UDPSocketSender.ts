import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Socket {
  on(event: 'error', listener: (error: unknown) => void): void;
  setSendType(type: unknown): void;
  send(data: unknown, port: unknown, host: unknown): void;
  close(): void;
}
const { createSocket } = require('@accessors-modules/udp-socket') as { createSocket(type: string): Socket };

let socket: Socket | undefined;

/** Sends UDP messages. Errors are reported.
 *  @input toSend              any; an array of numbers is sent as bytes, modulo 256
 *  @input destinationAddress  string, default "localhost"
 *  @input destinationPort     int, default 8084
 *  @parameter sendType        string, default "string"; number (8 bytes, big-endian), string, unsignedbyte
 *  @error a name without an address, a message that is too long and data that are not of sendType are reported
 *  @example
 *  const sender = this.instantiate('sender', 'net/UDPSocketSender');
 *  sender.setDefault('destinationAddress', '127.0.0.1');
 *  this.connect(source, 'output', sender, 'toSend'); */
export function setup(this: AccessorContext): void {
  this.input('toSend');
  this.input('destinationAddress', { value: 'localhost', type: 'string' });
  this.input('destinationPort', { value: 8084, type: 'int' });
  this.parameter('sendType', { type: 'string', value: 'string' });
}

export function initialize(this: AccessorContext): void {
  let family = '';
  this.addInputHandler('toSend', () => {
    const address = String(this.get('destinationAddress'));
    const needed = address.includes(':') ? 'udp6' : 'udp4';
    if (needed !== family) socket?.close();
    socket = needed === family && socket ? socket : open.call(this, needed);
    family = needed;
    socket.send(this.get('toSend'), this.get('destinationPort'), address);
  });
}

function open(this: AccessorContext, family: string): Socket {
  const opened = createSocket(family);
  opened.on('error', (error) => this.error(error));
  opened.setSendType(this.getParameter('sendType'));
  return opened;
}

export function wrapup(this: AccessorContext): void {
  socket?.close();
  socket = undefined;
}
