import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

/** Derives from test/TestDerivedC and overrides the handler, which calls the inherited one.
 *  @input in1    any
 *  @output out1  any; `baseField` of the most derived accessor
 *  @output out2  any; the same
 *  @error none
 *  @example
 *  const derived = this.instantiate('derived', 'test/TestDerivedAgainA');
 *  this.connect(source, 'output', derived, 'in1');
 *  this.connect(derived, 'out2', display, 'input'); // 2 */
export function setup(this: AccessorContext): void {
  this.extend('test/TestDerivedC');
  this.output('out2');
}

export function inputHandler(this: AccessorContext): void {
  exports.ssuper?.inputHandler.call(this);
  this.send('out2', this.exports.baseField);
}
