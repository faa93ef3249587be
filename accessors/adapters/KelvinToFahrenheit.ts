import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

/** Converts kelvin to degrees Fahrenheit.
 *  @input in    any
 *  @output out  any */
export function setup(this: AccessorContext): void {
  this.extend('adapters/Adapter');
}

export function matching(this: AccessorExports, value: unknown): unknown {
  return ((Number(value) - 273.15) * 9) / 5 + 32;
}
