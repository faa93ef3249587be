import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends each input `delay` later, in the order in which they came. Without a delay they are sent in the next reaction
 *  at the same time, so that a loop of connections may pass through here.
 *  @input input      any
 *  @output output    any, spontaneous
 *  @parameter delay  number, default 1000; ms, 0 or more, read at initialization
 *  @error initialize throws if `delay` is negative or no number
 *  @example
 *  const delay = this.instantiate('delay', 'utilities/Delay');
 *  delay.setParameter('delay', 60000);
 *  this.connect(motion, 'output', delay, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output', { spontaneous: true });
  this.parameter('delay', { type: 'number', value: 1000 });
}

export function initialize(this: AccessorContext): void {
  const delay = Number(this.getParameter('delay'));
  if (!(delay >= 0)) throw new Error(`${this.getName()}: delay should be 0 ms or more, got ${delay}`);
  this.addInputHandler('input', () => {
    const value = this.get('input');
    setTimeout(() => this.send('output', value), delay);
  });
}
