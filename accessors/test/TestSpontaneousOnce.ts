import type { AccessorContext } from '../../hosts/common/index.ts';

let timer: ReturnType<typeof setTimeout> | undefined;

/** Sends one value after a delay.
 *  @output output    any
 *  @parameter delay  number, default 1000; ms
 *  @parameter value  any, default true
 *  @error none
 *  @example
 *  const once = this.instantiate('once', 'test/TestSpontaneousOnce');
 *  once.setParameter('value', 'now');
 *  this.connect(once, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.output('output');
  this.parameter('delay', { type: 'number', value: 1000 });
  this.parameter('value', { value: true });
}

export function initialize(this: AccessorContext): void {
  timer = setTimeout(() => this.send('output', this.getParameter('value')), Number(this.getParameter('delay')));
}

export function wrapup(this: AccessorContext): void {
  clearTimeout(timer);
}
