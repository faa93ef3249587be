import type { AccessorContext } from '../../hosts/common/index.ts';

/** Exponential moving average: sends the first input, then each time the last output moved by `factor` towards the input.
 *  @input input       number
 *  @output output     number
 *  @parameter factor  number, default 0.2; more than 0, at most 1 (no smoothing), read at initialization
 *  @error initialize throws if `factor` is out of range; an input that is no finite number is reported and ignored
 *  @example
 *  const smooth = this.instantiate('smooth', 'utilities/Smooth');
 *  smooth.setParameter('factor', 0.5);
 *  this.connect(sensor, 'output', smooth, 'input'); // 0, 8, 8: 0, 4, 6 */
export function setup(this: AccessorContext): void {
  this.input('input', { type: 'number' });
  this.output('output', { type: 'number' });
  this.parameter('factor', { type: 'number', value: 0.2 });
}

export function initialize(this: AccessorContext): void {
  const factor = Number(this.getParameter('factor'));
  if (!(factor > 0 && factor <= 1)) throw new Error(`${this.getName()}: factor should be more than 0 and at most 1, got ${factor}`);
  let average: number | undefined;
  this.addInputHandler('input', () => {
    const input = this.get('input');
    if (!Number.isFinite(input)) {
      this.error(`The input should be a finite number, got ${String(input)}`);
      return;
    }
    const value = Number(input);
    average = average === undefined ? value : average + factor * (value - average);
    this.send('output', average);
  });
}
