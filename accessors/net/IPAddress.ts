import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Service {
  getHostAddress(): string | undefined;
}
const { DiscoveryService } = require('@accessors-modules/discovery') as { DiscoveryService: new () => Service };

/** Gives the network address of the host.
 *  @input trigger     boolean
 *  @output IPAddress  string; the first IPv4 address that others can reach, null without any
 *  @error none
 *  @example
 *  const address = this.instantiate('address', 'net/IPAddress');
 *  this.connect(button, 'output', address, 'trigger');
 *  this.connect(address, 'IPAddress', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('trigger', { type: 'boolean' });
  this.output('IPAddress', { type: 'string' });
}

export function initialize(this: AccessorContext): void {
  const service = new DiscoveryService();
  this.addInputHandler('trigger', () => this.send('IPAddress', service.getHostAddress() ?? null));
}
