import type { AccessorContext } from '../../hosts/common/index.ts';

/** Adds two numbers, in every reaction.
 *  @input inputLeft   number, default 0
 *  @input inputRight  number, default 0
 *  @output sum        number
 *  @error none
 *  @example
 *  const adder = this.instantiate('adder', 'test/TestAdder');
 *  this.connect(source, 'output', adder, 'inputLeft');
 *  this.connect(source, 'output', adder, 'inputRight');
 *  this.connect(adder, 'sum', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('inputLeft', { type: 'number', value: 0 });
  this.input('inputRight', { type: 'number', value: 0 });
  this.output('sum', { type: 'number' });
}

export function fire(this: AccessorContext): void {
  this.send('sum', Number(this.get('inputLeft')) + Number(this.get('inputRight')));
}
