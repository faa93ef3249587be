import { errorText } from '../../hosts/common/index.ts';
import type { ThingGroup } from '../plugins/index.ts';
import { type Sighting, sightingsOf } from './sighting.ts';

/** Of one discoverer; what it finds beyond that is left out, and said so (THREATS W14). */
const mostSources = 1000;
const mostSightings = 10_000;
interface Found {
  readonly bySource: Map<string, readonly Sighting[]>;
  /** Sightings of all its sources. */
  count: number;
  /** Problems told, so that each is told once. */
  readonly told: Set<string>;
}

/** What all discoverers have published, as it stands. */
export class Sightings {
  readonly #changed: () => void;
  readonly #report: (discoverer: string, message: string) => void;
  readonly #found = new Map<string, Found>();

  /** @param changed  called at each change */
  constructor(changed: () => void, report: (discoverer: string, message: string) => void) {
    this.#changed = changed;
    this.#report = report;
  }

  get all(): Sighting[] {
    return [...this.#found.values()].flatMap(({ bySource }) => [...bySource.values()].flat());
  }

  /**
   * @param key         of the discoverer, as `drop` takes it
   * @param discoverer  its label
   * @param groups      as the plugin gave them, not yet believed
   */
  publish(key: string, discoverer: string, groups: readonly ThingGroup[]): void {
    const found = this.#found.get(key) ?? { bySource: new Map(), count: 0, told: new Set() };
    this.#found.set(key, found);
    const list = Array.isArray(groups) ? (groups as readonly ThingGroup[]) : [];
    for (const group of list.slice(0, mostSources)) {
      try {
        this.#take(discoverer, found, group);
      } catch (error) {
        this.#tell(discoverer, found, errorText(error));
      }
    }
    if (list.length > mostSources) this.#tell(discoverer, found, tooMany);
    this.#changed();
  }

  #take(discoverer: string, found: Found, group: ThingGroup): void {
    const { bySource } = found;
    const sightings = sightingsOf(discoverer, group);
    const { source } = group;
    const count = found.count - (bySource.get(source)?.length ?? 0) + sightings.length;
    const isNew = sightings.length > 0 && !bySource.has(source);
    if ((isNew && bySource.size >= mostSources) || count > mostSightings) throw new Error(tooMany);
    found.count = count;
    if (sightings.length > 0) bySource.set(source, sightings);
    else bySource.delete(source);
  }

  #tell(discoverer: string, { told }: Found, message: string): void {
    if (told.has(message) || told.size >= 100) return;
    told.add(message);
    this.#report(discoverer, message);
  }

  /** Forgets what a discoverer found. */
  drop(key: string): void {
    if (this.#found.delete(key)) this.#changed();
  }
}

const tooMany = `found more than ${mostSources} sources or ${mostSightings} targets; the rest is left out`;
