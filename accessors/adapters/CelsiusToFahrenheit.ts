import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

/** Converts degrees Celsius to degrees Fahrenheit.
 *  @input in    any
 *  @output out  any */
export function setup(this: AccessorContext): void {
  this.extend('adapters/Adapter');
}

export function matching(this: AccessorExports, value: unknown): unknown {
  return (Number(value) * 9) / 5 + 32;
}
