import type { PageGraph } from '../page-messages.ts';

/** How long a reaction lights up. */
export const GLOW_MS = 700;
/** Rates are of this time. */
const RATE_MS = 2000;

export interface PortActivity {
  readonly text: string;
  readonly count: number;
  /** Values a second, over the last seconds. */
  readonly rate: number;
  /** Of the last value, in ms of the page. */
  readonly at: number;
}

interface Track {
  text: string;
  count: number;
  at: number;
  rate: number;
  countBefore: number;
  measuredAt: number;
}

/** What happens in a graph, as it was told: which accessors and ports were busy when, and how often. */
export class Activity {
  readonly #ports = new Map<number, Track>();
  readonly #nodes = new Map<number, { count: number; at: number }>();

  clear(): void {
    this.#ports.clear();
    this.#nodes.clear();
  }

  /** @param isFirst  what it tells happened before this page looked */
  take({ reactions, values }: PageGraph, now: number, isFirst: boolean): void {
    const at = isFirst ? Number.NEGATIVE_INFINITY : now;
    for (const [node, count] of reactions) this.#nodes.set(node, { count, at });
    for (const [port, count, text] of values) {
      const track = this.#ports.get(port) ?? { text, count, at, rate: 0, countBefore: count, measuredAt: now };
      Object.assign(track, { text, count, at });
      this.#ports.set(port, track);
    }
  }

  /** Brings the rates up to now. */
  measure(now: number): void {
    for (const track of this.#ports.values()) {
      const elapsed = now - track.measuredAt;
      if (elapsed < RATE_MS) continue;
      track.rate = ((track.count - track.countBefore) * 1000) / elapsed;
      track.countBefore = track.count;
      track.measuredAt = now;
    }
  }

  port(port: number): PortActivity | undefined {
    return this.#ports.get(port);
  }

  reactions(node: number): number {
    return this.#nodes.get(node)?.count ?? 0;
  }

  /** From 1, just now, to 0. */
  nodeGlow(node: number, now: number): number {
    return glow(this.#nodes.get(node)?.at, now);
  }

  portGlow(port: number, now: number): number {
    return glow(this.#ports.get(port)?.at, now);
  }

  isBusy(now: number): boolean {
    for (const { at } of this.#nodes.values()) if (now - at < GLOW_MS) return true;
    for (const { at } of this.#ports.values()) if (now - at < GLOW_MS) return true;
    return false;
  }
}

function glow(at: number | undefined, now: number): number {
  return at === undefined ? 0 : Math.max(0, 1 - (now - at) / GLOW_MS);
}
