import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends the latest input once no other has come for `quiet`.
 *  @input input      any
 *  @output output    any, spontaneous
 *  @parameter quiet  number, default 1000; ms, 0 or more, read at initialization
 *  @error initialize throws if `quiet` is negative or no number
 *  @example
 *  const debounce = this.instantiate('debounce', 'utilities/Debounce');
 *  debounce.setParameter('quiet', 50);
 *  this.connect(button, 'output', debounce, 'input'); // contacts that bounce give one value */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output', { spontaneous: true });
  this.parameter('quiet', { type: 'number', value: 1000 });
}

export function initialize(this: AccessorContext): void {
  const quiet = Number(this.getParameter('quiet'));
  if (!(quiet >= 0)) throw new Error(`${this.getName()}: quiet should be 0 ms or more, got ${quiet}`);
  let timer: ReturnType<typeof setTimeout> | undefined;
  this.addInputHandler('input', () => {
    const value = this.get('input');
    clearTimeout(timer);
    timer = setTimeout(() => this.send('output', value), quiet);
  });
}
