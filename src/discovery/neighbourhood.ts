import { TypedEmitter } from '../../hosts/common/index.ts';
import type { Greeting } from '../client/index.ts';
import { type Configured, Manager, type PluginContext, type TaskTimes } from '../plugins/index.ts';
import { type Box, boxesOf } from './box.ts';
import { Contacts } from './contacts.ts';
import { Sightings } from './sightings.ts';

export interface NeighbourhoodEvents {
  /** A box that was not there before; it has an identity. */
  appeared: [Box];
  /** No source tells of it any more. */
  disappeared: [Box];
  /** All of them, after each change other than of the time when one was seen last. */
  boxes: [readonly Box[]];
  /** All discoverers have spoken, and all whom they found were asked. */
  settled: [];
}

export interface NeighbourhoodParts {
  readonly context: Pick<PluginContext, 'folder' | 'box'>;
  /** Asks a box who it is. @throws Error that says why there is no answer */
  readonly greet: (url: string, signal: AbortSignal) => Promise<Greeting>;
  /** What the operator should know of a discoverer, and in how many milliseconds it is begun anew, if it is. */
  readonly report: (discoverer: string, level: 'info' | 'warn', message: string, againMs?: number) => void;
  readonly times?: TaskTimes;
}

const quietMs = 50;

/** The boxes out there: keeps discoverers running, asks whom they find who they are, and puts it together. */
export class Neighbourhood extends TypedEmitter<NeighbourhoodEvents> {
  readonly #parts: NeighbourhoodParts;
  readonly #manager: Manager;
  readonly #sightings: Sightings;
  readonly #contacts: Contacts;
  /** Keys of the discoverers that have published, failed or ended. */
  readonly #spoken = new Set<string>();
  #configured: readonly Configured<'discovery'>[] = [];
  #boxes: readonly Box[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: NeighbourhoodParts) {
    super();
    this.#parts = parts;
    this.#manager = new Manager((label, message, againMs) => parts.report(label, 'warn', message, againMs), parts.times);
    this.#sightings = new Sightings(
      () => this.#soon(),
      (label, message) => parts.report(label, 'warn', message),
    );
    this.#contacts = new Contacts(parts.greet, () => this.#soon());
  }

  get boxes(): readonly Box[] {
    return this.#boxes;
  }

  get settled(): boolean {
    return this.#configured.every(({ key }) => this.#spoken.has(key)) && this.#timer === undefined && !this.#contacts.pending;
  }

  /** Labels of the discoverers. */
  get discoverers(): string[] {
    return this.#configured.map(({ label }) => label);
  }

  /** Labels of the discoverers that have said nothing yet. */
  get silent(): string[] {
    return this.#configured.filter(({ key }) => !this.#spoken.has(key)).map(({ label }) => label);
  }

  /** Runs these discoverers; those that ran before with the same options go on. */
  async apply(configured: readonly Configured<'discovery'>[]): Promise<void> {
    this.#configured = configured;
    await this.#manager.apply(
      configured.map((one) => ({
        key: one.key,
        label: one.label,
        job: (signal: AbortSignal) => this.#discover(one, signal),
        dropped: () => this.#sightings.drop(one.key),
      })),
    );
  }

  async #discover({ plugin, options, key, label }: Configured<'discovery'>, signal: AbortSignal): Promise<void> {
    const { context, report } = this.#parts;
    const discoverer = plugin.create(options, { ...context, log: (level, message) => report(label, level, message) });
    try {
      await discoverer.run(signal, (groups) => {
        if (signal.aborted) return; // it was told to end, or a later run of it took its place
        this.#sightings.publish(key, label, groups);
        this.#spoken.add(key);
      });
    } finally {
      this.#spoken.add(key);
      this.#soon();
    }
  }

  /** However fast it comes, it is looked at so often. */
  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, quietMs);
  }

  #look(): void {
    const sightings = this.#sightings.all;
    this.#contacts.follow(sightings.map(({ url }) => url));
    const before = this.#boxes;
    const boxes = boxesOf(sightings, this.#contacts.all);
    this.#boxes = boxes;
    const known = (list: readonly Box[]): Map<string, Box> => new Map(list.flatMap((box) => (box.id === undefined ? [] : [[box.id, box]])));
    const [were, are] = [known(before), known(boxes)];
    for (const [id, box] of are) if (!were.has(id)) this.emit('appeared', box);
    for (const [id, box] of were) if (!are.has(id)) this.emit('disappeared', box);
    if (JSON.stringify(before.map(lasting)) !== JSON.stringify(boxes.map(lasting))) this.emit('boxes', boxes);
    if (this.settled) this.emit('settled');
  }

  async close(): Promise<void> {
    this.#contacts.close();
    await this.#manager.close();
    clearTimeout(this.#timer);
  }
}

function lasting({ lastSeen: _, ...box }: Box): object {
  return box;
}
