import type { AccessorContext } from '../../hosts/common/index.ts';

let timer: ReturnType<typeof setInterval> | undefined;

/** Sends 0 at initialization, then 1, 2, ... every `interval`.
 *  @output output       number
 *  @parameter interval  number, default 1000; ms
 *  @error none
 *  @example
 *  const clock = this.instantiate('clock', 'utilities/Clock');
 *  clock.setParameter('interval', 500);
 *  this.connect(clock, 'output', display, 'input'); // 0, 1, 2, ... */
export function setup(this: AccessorContext): void {
  this.output('output', { type: 'number' });
  this.parameter('interval', { type: 'number', value: 1000 });
}

export function initialize(this: AccessorContext): void {
  let count = 0;
  this.send('output', count++);
  timer = setInterval(() => this.send('output', count++), Number(this.getParameter('interval')));
}

export function wrapup(this: AccessorContext): void {
  clearInterval(timer);
}
