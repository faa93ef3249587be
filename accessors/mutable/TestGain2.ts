import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends its input times `gain`, and the same negated; for reifying a mutable accessor.
 *  @input input      number, default 0
 *  @output scaled    number
 *  @output opScaled  number; the negated product
 *  @parameter gain   number, default 4
 *  @error none
 *  @example
 *  const gain = this.instantiate('gain', 'mutable/TestGain2');
 *  this.connect(source, 'output', gain, 'input');
 *  this.connect(gain, 'opScaled', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input', { type: 'number', value: 0 });
  this.output('scaled', { type: 'number' });
  this.output('opScaled', { type: 'number' });
  this.parameter('gain', { type: 'number', value: 4 });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('input', () => {
    const product = Number(this.get('input')) * Number(this.getParameter('gain'));
    this.send('scaled', product);
    this.send('opScaled', -product);
  });
}
