import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** A web socket server that counts for its clients and shows what they send, for five seconds. */
export function setup(this: AccessorContext): void {
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const server = this.instantiate('WebSocketServer', 'net/WebSocketServer');
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  server.setParameter('port', 0);
  this.connect(clock, 'output', server, 'toSend');
  this.connect(server, 'listening', display, 'input');
  this.connect(server, 'received', display, 'input');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000);
}
