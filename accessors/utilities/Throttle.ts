import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends an input at once, and then nothing for `interval`. The latest input of that time, if one came, is sent at its
 *  end, and the next interval begins with it.
 *  @input input         any
 *  @output output       any
 *  @parameter interval  number, default 1000; ms, more than 0, read at initialization
 *  @error initialize throws if `interval` is not more than 0
 *  @example
 *  const throttle = this.instantiate('throttle', 'utilities/Throttle');
 *  throttle.setParameter('interval', 500);
 *  this.connect(sensor, 'output', throttle, 'input'); // 1, 2, 3 at once: 1, and 3 half a second later */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output');
  this.parameter('interval', { type: 'number', value: 1000 });
}

export function initialize(this: AccessorContext): void {
  const interval = Number(this.getParameter('interval'));
  if (!(interval > 0)) throw new Error(`${this.getName()}: interval should be more than 0 ms, got ${interval}`);
  let resting = false;
  let latest: { readonly value: unknown } | undefined;
  const send = (value: unknown): void => {
    resting = true;
    latest = undefined;
    this.send('output', value);
    setTimeout(() => {
      resting = false;
      if (latest) send(latest.value);
    }, interval);
  };
  this.addInputHandler('input', () => {
    const value = this.get('input');
    if (resting) latest = { value };
    else send(value);
  });
}
