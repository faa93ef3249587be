import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

/** Converts kelvin to degrees Fahrenheit.
 *  @input in    any
 *  @output out  any
 *  @error none
 *  @example
 *  const fahrenheit = this.instantiate('fahrenheit', 'adapters/KelvinToFahrenheit');
 *  this.connect(thermometer, 'output', fahrenheit, 'in'); // 373.15 gives 212
 *  this.connect(fahrenheit, 'out', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('adapters/Adapter');
}

export function matching(this: AccessorExports, value: unknown): unknown {
  return ((Number(value) - 273.15) * 9) / 5 + 32;
}
