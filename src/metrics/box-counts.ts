import { Counts } from './counts.ts';
import { Histogram } from './histogram.ts';

/** The steps of a push, named by what ends them (PROTOCOL 5). */
export const phases = ['verified', 'stored', 'started', 'running'] as const;
export type Phase = (typeof phases)[number];

/** When a push came how far, RFC 3339. */
export type Timeline = Readonly<Record<'receivedAt' | `${Phase}At`, string>>;

/** One change of the state of a swarmlet. */
export interface Transition {
  readonly swarmlet: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string | null;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What is counted while a box runs, because nobody could tell it later. */
export class BoxCounts {
  /** By outcome and code of the error. */
  readonly pushes = new Counts();
  readonly pushDuration = new Histogram(seconds);
  readonly phaseDurations: ReadonlyMap<Phase, Histogram> = new Map(phases.map((phase) => [phase, new Histogram(seconds)]));
  /** By swarmlet. */
  readonly restarts = new Map<string, number>();
  /** By swarmlet and reason. */
  readonly terminations = new Counts();

  deployed(timeline: Timeline): void {
    this.pushes.add('deployed', '');
    const begun = Date.parse(timeline.receivedAt);
    let before = begun;
    for (const phase of phases) {
      const at = Date.parse(timeline[`${phase}At`]);
      this.phaseDurations.get(phase)?.observe(between(before, at));
      before = at;
    }
    this.pushDuration.observe(between(begun, before));
  }

  /** @param outcome  `refused`: before it was accepted; `failed`: after that */
  notDeployed(outcome: 'refused' | 'failed', code: string): void {
    this.pushes.add(outcome, code);
  }

  changed({ swarmlet, from, to, reason }: Transition): void {
    if (from === 'backoff' && to === 'starting') this.restarts.set(swarmlet, (this.restarts.get(swarmlet) ?? 0) + 1);
    if (hasIsolate(from) && !hasIsolate(to)) this.terminations.add(swarmlet, reason ?? to);
  }

  /** Nothing of it is kept. */
  forget(swarmlet: string): void {
    this.restarts.delete(swarmlet);
    this.terminations.forget(swarmlet);
  }
}

/** True of the states in which something runs. */
export function hasIsolate(state: string): boolean {
  return state === 'starting' || state === 'running' || state === 'stopping';
}

/** In seconds; a clock may have been set back meanwhile. */
function between(from: number, to: number): number {
  return Math.max(0, to - from) / 1000;
}
