import type { AccessorContext } from '../../hosts/common/index.ts';

export const baseField = 2;

/** Derives from test/TestBaseC and overrides its field.
 *  @input in1    any
 *  @output out1  any; `baseField` of the most derived accessor */
export function setup(this: AccessorContext): void {
  this.extend('test/TestBaseC');
}
