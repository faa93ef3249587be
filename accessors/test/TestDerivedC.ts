import type { AccessorContext } from '../../hosts/common/index.ts';

export const baseField = 2;

/** Derives from test/TestBaseC and overrides its field.
 *  @input in1    any
 *  @output out1  any; `baseField` of the most derived accessor
 *  @error none
 *  @example
 *  const derived = this.instantiate('derived', 'test/TestDerivedC');
 *  this.connect(source, 'output', derived, 'in1');
 *  this.connect(derived, 'out1', display, 'input'); // 2 */
export function setup(this: AccessorContext): void {
  this.extend('test/TestBaseC');
}
