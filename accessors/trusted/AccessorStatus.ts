import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;
declare function getTopLevelAccessors(): AccessorContext[];

const { inspect } = require('util') as typeof import('node:util');

let timer: ReturnType<typeof setInterval> | undefined;

/** Reports the top-level accessors of the host, and what monitoring measures of them.
 *  @input query                   any; triggers `status`
 *  @output status                 any; array of {accessorName, accessorClass, initialized}
 *  @output monitor                JSON; array of monitors, every interval
 *  @parameter monitoringInterval  number, default 1000; ms; 0 or less: no monitoring
 *  @parameter deepMonitoring      boolean, default false; of contained accessors too
 *  @error a host that does not trust it refuses to name its accessors
 *  @example
 *  const status = this.instantiate('status', 'trusted/AccessorStatus');
 *  this.connect(button, 'output', status, 'query');
 *  this.connect(status, 'status', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('query');
  this.output('status');
  this.output('monitor', { type: 'JSON' });
  this.parameter('monitoringInterval', { type: 'number', value: 1000 });
  this.parameter('deepMonitoring', { type: 'boolean', value: false });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('query', () => {
    const status = getTopLevelAccessors().map(({ accessorName, accessorClass, initialized }) => ({
      accessorName,
      accessorClass,
      initialized,
    }));
    this.send('status', status);
  });
  timer = undefined;
  const interval = Number(this.getParameter('monitoringInterval'));
  if (interval > 0) setTimeout(() => start.call(this, interval), 0); // when all are initialized
}

function start(this: AccessorContext, interval: number): void {
  for (const accessor of getTopLevelAccessors()) accessor.startMonitoring(Boolean(this.getParameter('deepMonitoring')));
  timer = setInterval(() => {
    const monitors = getTopLevelAccessors().flatMap((accessor) => accessor.getMonitoring() ?? []);
    this.send('monitor', structuredClone(monitors)); // they go on changing
  }, interval);
}

export function wrapup(this: AccessorContext): void {
  if (timer === undefined) return;
  clearInterval(timer);
  timer = undefined;
  for (const accessor of getTopLevelAccessors()) {
    const monitor = accessor.stopMonitoring();
    if (monitor) console.log(inspect(monitor, { depth: Infinity }));
  }
}
