import type { AccessorContext } from '../../../hosts/common/index.ts';

/** For trying a web socket client by hand: connects to a server on this machine at port 8080. */
export function setup(this: AccessorContext): void {
  const client = this.instantiate('WebSocketClient', 'net/WebSocketClient');
  client.setDefault('port', 8080);
}
