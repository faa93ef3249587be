import type { AccessorContext } from '../../hosts/common/index.ts';

export const baseField = 1;

/** Sends a field that derived accessors override, from a handler that they override too.
 *  @input in1    any
 *  @output out1  any; `baseField` of the most derived accessor
 *  @error none
 *  @example
 *  const base = this.instantiate('base', 'test/TestBaseC');
 *  this.connect(source, 'output', base, 'in1');
 *  this.connect(base, 'out1', display, 'input'); // 1 */
export function setup(this: AccessorContext): void {
  this.input('in1');
  this.output('out1');
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('in1', this.root.exports.inputHandler);
}

export function inputHandler(this: AccessorContext): void {
  this.send('out1', this.exports.baseField);
}
