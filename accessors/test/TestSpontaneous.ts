import type { AccessorContext } from '../../hosts/common/index.ts';

let timer: ReturnType<typeof setInterval> | undefined;

/** Sends 0, 1, 2, ... every `interval`, the first after one interval.
 *  @output output       number
 *  @parameter interval  number, default 1000; ms
 *  @error none
 *  @example
 *  const source = this.instantiate('source', 'test/TestSpontaneous');
 *  source.setParameter('interval', 100);
 *  this.connect(source, 'output', display, 'input'); // 0, 1, 2, ... */
export function setup(this: AccessorContext): void {
  this.output('output', { type: 'number' });
  this.parameter('interval', { type: 'number', value: 1000 });
}

export function initialize(this: AccessorContext): void {
  let count = 0;
  timer = setInterval(() => this.send('output', count++), Number(this.getParameter('interval')));
}

export function wrapup(this: AccessorContext): void {
  clearInterval(timer);
}
