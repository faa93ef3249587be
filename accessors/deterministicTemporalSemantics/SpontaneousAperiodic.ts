import type { AccessorContext } from '../../hosts/common/index.ts';

declare function setTimeout(callback: () => void, delayMs: number, label: string): number;

/** Sends 1 once, after a delay that is counted in a labelled clock domain, and prints a line.
 *  @output output                    number, default 0
 *  @parameter synchronizationLabel  string, default "SynchInitialization"
 *  @parameter timeout               number, default 1000; ms
 *  @error none
 *  @example
 *  const once = this.instantiate('once', 'deterministicTemporalSemantics/SpontaneousAperiodic');
 *  once.setParameter('timeout', 2000);
 *  this.connect(once, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.output('output', { type: 'number', value: 0 });
  this.parameter('synchronizationLabel', { type: 'string', value: 'SynchInitialization' });
  this.parameter('timeout', { type: 'number', value: 1000 });
}

export function initialize(this: AccessorContext): void {
  setTimeout(
    () => {
      console.log(`${this.getName()} sends 1`);
      this.send('output', 1);
    },
    Number(this.getParameter('timeout')),
    String(this.getParameter('synchronizationLabel')),
  );
}
