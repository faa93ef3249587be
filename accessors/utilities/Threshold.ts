import type { AccessorContext } from '../../hosts/common/index.ts';

/** Tells high from low with hysteresis: sends true when the input is `high` or more, false when it is `low` or less, each
 *  only if it was not so before. In between it stays what it was; before the first clear input nothing is sent.
 *  @input input     number
 *  @output output   boolean
 *  @parameter high  number, default 1; in the unit of the input, read at initialization
 *  @parameter low   number, default 0; in the unit of the input, less than `high`
 *  @error initialize throws if `low` is not less than `high`; an input that is no number is reported and ignored
 *  @example
 *  const warm = this.instantiate('warm', 'utilities/Threshold');
 *  warm.setParameter('high', 22);
 *  warm.setParameter('low', 21);
 *  this.connect(thermometer, 'output', warm, 'input'); // 20, 21.5, 22, 21.5, 21: false, true, false */
export function setup(this: AccessorContext): void {
  this.input('input', { type: 'number' });
  this.output('output', { type: 'boolean' });
  this.parameter('high', { type: 'number', value: 1 });
  this.parameter('low', { type: 'number', value: 0 });
}

export function initialize(this: AccessorContext): void {
  const high = Number(this.getParameter('high'));
  const low = Number(this.getParameter('low'));
  if (!(low < high)) throw new Error(`${this.getName()}: low should be less than high, got ${low} and ${high}`);
  let state: boolean | undefined;
  this.addInputHandler('input', () => {
    const input = this.get('input');
    if (typeof input !== 'number' || Number.isNaN(input)) {
      this.error(`The input should be a number, got ${String(input)}`);
      return;
    }
    const before = state;
    if (input >= high) state = true;
    else if (input <= low) state = false;
    if (state !== before) this.send('output', state);
  });
}
