import type { AccessorContext } from '../../hosts/common/index.ts';

declare function setInterval(callback: () => void, periodMs: number, label: string): number;
declare function setTimeout(callback: () => void, delayMs: number, label: string): number;
declare function clearInterval(id: number): void;

const LIFE_MS = 12_000;

/** Sends 1, 2, 3, ... at a period that is counted in a labelled clock domain, for twelve seconds; prints a line for each.
 *  @output output                    number, default 0
 *  @parameter synchronizationLabel  string, default "SynchInitialization"
 *  @parameter period                number, default 1000; ms
 *  @error none
 *  @example
 *  const periodic = this.instantiate('periodic', 'deterministicTemporalSemantics/SpontaneousPeriodic');
 *  periodic.setParameter('period', 500);
 *  this.connect(periodic, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.output('output', { type: 'number', value: 0 });
  this.parameter('synchronizationLabel', { type: 'string', value: 'SynchInitialization' });
  this.parameter('period', { type: 'number', value: 1000 });
}

export function initialize(this: AccessorContext): void {
  let count = 0;
  const timer = setInterval(
    () => {
      count++;
      console.log(`${this.getName()} sends ${count}`);
      this.send('output', count);
    },
    Number(this.getParameter('period')),
    String(this.getParameter('synchronizationLabel')),
  );
  setTimeout(() => clearInterval(timer), LIFE_MS, 'end');
}
