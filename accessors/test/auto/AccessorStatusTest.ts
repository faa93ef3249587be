import type { AccessorContext } from '../../../hosts/common/index.ts';

/** Shows the accessors of the host and what monitoring measures of them, every second for five seconds. */
export function setup(this: AccessorContext): void {
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const status = this.instantiate('AccessorStatus', 'trusted/AccessorStatus');
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  this.connect(clock, 'output', status, 'query');
  this.connect(status, 'status', display, 'input');
  this.connect(status, 'monitor', display, 'input');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000);
}
