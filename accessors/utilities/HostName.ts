import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends the name of the host software at initialization.
 *  @output hostName  string, spontaneous
 *  @error none
 *  @example
 *  const name = this.instantiate('name', 'utilities/HostName');
 *  this.connect(name, 'hostName', display, 'input'); // Node */
export function setup(this: AccessorContext): void {
  this.output('hostName', { type: 'string', spontaneous: true });
}

export function initialize(this: AccessorContext): void {
  this.send('hostName', this.getHostName());
}
