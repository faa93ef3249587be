import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

/** Converts degrees Celsius to degrees Fahrenheit.
 *  @input in    any
 *  @output out  any
 *  @error none
 *  @example
 *  const fahrenheit = this.instantiate('fahrenheit', 'adapters/CelsiusToFahrenheit');
 *  this.connect(thermometer, 'output', fahrenheit, 'in'); // 100 gives 212
 *  this.connect(fahrenheit, 'out', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('adapters/Adapter');
}

export function matching(this: AccessorExports, value: unknown): unknown {
  return (Number(value) * 9) / 5 + 32;
}
