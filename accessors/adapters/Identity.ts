import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

/** Passes every value on unchanged.
 *  @input in    any
 *  @output out  any
 *  @error none
 *  @example
 *  const same = this.instantiate('same', 'adapters/Identity');
 *  this.connect(source, 'output', same, 'in');
 *  this.connect(same, 'out', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('adapters/Adapter');
}

export function matching(this: AccessorExports, value: unknown): unknown {
  return value;
}
