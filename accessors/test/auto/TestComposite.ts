import type { AccessorContext } from '../../../hosts/common/index.ts';

/** Sends four times its input, a whole number, plus its input; ends after five seconds.
 *  @input input    int, default 0
 *  @output output  number
 *  @error none
 *  @example
 *  const composite = this.instantiate('composite', 'test/auto/TestComposite');
 *  this.connect(source, 'output', composite, 'input');
 *  this.connect(composite, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input', { type: 'int', value: 0 });
  this.output('output', { type: 'number' });
  const gain = this.instantiate('TestGain', 'test/TestGain');
  const adder = this.instantiate('TestAdder', 'test/TestAdder');
  gain.setParameter('gain', 4);
  this.connect('input', gain, 'input');
  this.connect('input', adder, 'inputRight');
  this.connect(gain, 'scaled', adder, 'inputLeft');
  this.connect(adder, 'sum', 'output');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000);
}
