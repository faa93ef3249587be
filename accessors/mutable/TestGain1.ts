import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends its input times `gain`; for reifying a mutable accessor.
 *  @input input     number, default 0
 *  @output scaled   number
 *  @parameter gain  number, default 2
 *  @error none
 *  @example
 *  const gain = this.instantiate('gain', 'mutable/TestGain1');
 *  this.connect(source, 'output', gain, 'input');
 *  this.connect(gain, 'scaled', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input', { type: 'number', value: 0 });
  this.output('scaled', { type: 'number' });
  this.parameter('gain', { type: 'number', value: 2 });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('input', () => this.send('scaled', Number(this.get('input')) * Number(this.getParameter('gain'))));
}
