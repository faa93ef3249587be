import type { PageStatus, PageUsage } from './page-messages.ts';

/** Between two samples. */
export const usageMs = 2000;
/** Five minutes. */
const KEPT = 150;
/** More swarmlets than a box runs; one that is not told of any more is forgotten. */
const MOST = 1024;

interface Track {
  readonly samples: PageUsage[];
  messagesIn: number;
  messagesOut: number;
}

/** What each swarmlet of a box used in the last minutes. */
export class UsageHistory {
  readonly #tracks = new Map<string, Track>();
  /** Samples so far. */
  taken = 0;

  /** To be called each `usageMs`. @returns  the new sample of each */
  sample(list: readonly PageStatus[]): Readonly<Record<string, PageUsage>> {
    const latest: Record<string, PageUsage> = Object.create(null);
    const names = new Set<string>();
    this.taken++;
    for (const { swarmlet, usage } of list.slice(0, MOST)) {
      names.add(swarmlet);
      const track = this.#tracks.get(swarmlet) ?? { samples: [], messagesIn: usage.messagesIn, messagesOut: usage.messagesOut };
      this.#tracks.set(swarmlet, track);
      const sample: PageUsage = [
        usage.cpuPercent ?? null,
        usage.memoryMiB === undefined ? null : Math.round(usage.memoryMiB * 10) / 10,
        rate(track.messagesIn, usage.messagesIn),
        rate(track.messagesOut, usage.messagesOut),
      ];
      track.messagesIn = usage.messagesIn;
      track.messagesOut = usage.messagesOut;
      track.samples.push(sample);
      if (track.samples.length > KEPT) track.samples.shift();
      latest[swarmlet] = sample;
    }
    for (const name of this.#tracks.keys()) if (!names.has(name)) this.#tracks.delete(name);
    return latest;
  }

  /** @param taken  of the samples so far, those that somebody has */
  after(taken: number): Readonly<Record<string, readonly PageUsage[]>> {
    const after: Record<string, readonly PageUsage[]> = Object.create(null);
    const missing = Math.max(0, this.taken - taken);
    for (const [name, { samples }] of this.#tracks) after[name] = samples.slice(Math.max(0, samples.length - missing));
    return after;
  }
}

/** A second; counts begin anew with each isolate. */
function rate(before: number, now: number): number {
  return Math.round(((now < before ? now : now - before) / usageMs) * 10_000) / 10;
}
