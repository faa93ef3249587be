import type { Accessor } from './accessor.ts';
import type { Input, Output } from './port.ts';
import { preview } from './preview.ts';
import { type Numbered, type Structure, structureOf } from './structure.ts';

/** What was seen of an accessor and all that it contains. Counts are of all that happened since it is observed. */
export interface View {
  /** Of the structure that the numbers below belong to; counts up from 1. */
  readonly revision: number;
  /** Undefined: that of this revision is known. */
  readonly structure?: Structure;
  /** Of those that reacted since the last look. */
  readonly reactions: readonly (readonly [node: number, count: number])[];
  /** Of ports that had a value since the last look; `text` is its preview. */
  readonly values: readonly (readonly [port: number, count: number, text: string])[];
}

export const viewLimits = Object.freeze({
  /** Values in one view; the others come with the next. */
  values: 1000,
  /** Characters of a value. */
  preview: 160,
});

/** What came by one port, or from one accessor, since it is observed. */
interface Seen {
  count: number;
  value: unknown;
  told: number;
}

interface Watch {
  readonly reactions: Seen;
  readonly stop: () => void;
}

/** Structures are compared no more often: it costs as much as a reaction of each accessor. */
const COMPARE_MS = 1000;

/** Watches one accessor and all that it contains, by their events: one that is not observed is not slowed. */
export class Observer {
  readonly #top: Accessor;
  #watched = new Map<Accessor, Watch>();
  readonly #values = new Map<Input | Output, Seen>();
  #numbered: Numbered;
  #text: string;
  #revision = 1;
  #comparedAt = Date.now();

  constructor(top: Accessor) {
    this.#top = top;
    this.#numbered = structureOf(top);
    this.#text = JSON.stringify(this.#numbered.structure);
    this.#watch();
  }

  /** @param known  revision whose structure the caller has; with another one everything is told anew */
  look(known: number): View {
    this.#compare();
    const all = known !== this.#revision;
    const { structure, accessors, ports } = this.#numbered;
    const reactions: [number, number][] = [];
    for (const [number, accessor] of accessors.entries()) {
      const seen = this.#watched.get(accessor)?.reactions;
      if (seen && (all ? seen.count > 0 : seen.count !== seen.told)) reactions.push([number, seen.count]);
      if (seen) seen.told = seen.count;
    }
    const values: [number, number, string][] = [];
    for (const [number, port] of ports.entries()) {
      const seen = this.#values.get(port);
      if (!seen) continue;
      if (all) seen.told = 0;
      if (seen.count === seen.told || values.length >= viewLimits.values) continue;
      values.push([number, seen.count, preview(seen.value, viewLimits.preview)]);
      seen.told = seen.count;
    }
    return { revision: this.#revision, ...(all && { structure }), reactions, values };
  }

  close(): void {
    for (const { stop } of this.#watched.values()) stop();
    this.#watched.clear();
    this.#values.clear();
  }

  #compare(): void {
    const now = Date.now();
    if (Math.abs(now - this.#comparedAt) < COMPARE_MS) return;
    this.#comparedAt = now;
    const numbered = structureOf(this.#top);
    const text = JSON.stringify(numbered.structure);
    const isSame = text === this.#text && numbered.accessors.every((accessor, i) => accessor === this.#numbered.accessors[i]);
    this.#numbered = numbered;
    this.#text = text;
    if (!isSame) this.#revision++;
    this.#watch();
  }

  /** Listens to all that are there now: also to those whose listeners were removed when they wrapped up. */
  #watch(): void {
    const watched = new Map<Accessor, Watch>();
    for (const accessor of this.#numbered.accessors) {
      const before = this.#watched.get(accessor);
      before?.stop();
      watched.set(accessor, this.#listen(accessor, before?.reactions ?? { count: 0, value: undefined, told: 0 }));
      this.#watched.delete(accessor);
    }
    for (const { stop } of this.#watched.values()) stop();
    this.#watched = watched;
    const ports = new Set(this.#numbered.ports);
    for (const port of this.#values.keys()) if (!ports.has(port)) this.#values.delete(port);
  }

  #listen(accessor: Accessor, reactions: Seen): Watch {
    const { events, inputs } = accessor;
    const reacts = (): void => {
      reactions.count++;
      for (const input of inputs.list) if (input.pending) this.#note(input, input.current, 1 + input.queue.size);
    };
    const sends = (name: string, value: unknown): void => {
      const output = accessor.output(name);
      if (output) this.#note(output, value, 1);
    };
    events.on('reactStart', reacts).on('output', sends);
    return { reactions, stop: () => events.off('reactStart', reacts).off('output', sends) };
  }

  #note(port: Input | Output, value: unknown, times: number): void {
    const seen = this.#values.get(port);
    if (!seen) this.#values.set(port, { count: times, value, told: 0 });
    else {
      seen.count += times;
      seen.value = value;
    }
  }
}
