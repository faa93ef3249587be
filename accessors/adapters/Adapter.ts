import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare function error(message: unknown): void;

/** Base of converters for one value: each value goes through `matching` of the derived accessor and is sent on, in
 *  every reaction. The text `$?`, a placeholder of semantic tools, passes unchanged.
 *  @input in    any
 *  @output out  any
 *  @error a base without `matching` of its own reports that and sends null
 *  @example
 *  const adapter = this.instantiate('adapter', 'adapters/CelsiusToFahrenheit'); // extends this one
 *  this.connect(thermometer, 'output', adapter, 'in');
 *  this.connect(adapter, 'out', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('in');
  this.output('out');
}

export function fire(this: AccessorContext): void {
  const { exports } = this.root; // those of the most derived accessor
  const value = this.get('in');
  exports.beforeMatching(value);
  this.send('out', value === '$?' ? value : exports.matching(value));
}

/** The converted value; a derived accessor says how. Called as a method of the exports. */
export function matching(this: AccessorExports, _value: unknown): unknown {
  error('adapters/Adapter: export a function matching(value) in the derived accessor; it gives the converted value');
  return null;
}

/** Called with each value before it is converted. */
export function beforeMatching(this: AccessorExports, _value: unknown): void {}
