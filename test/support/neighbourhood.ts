import type { Greeting } from '../../src/client/index.ts';
import { type Box, builtIn, Neighbourhood } from '../../src/discovery/index.ts';
import { type Plugin, Registry } from '../../src/plugins/index.ts';
import { bounded } from './live.ts';

/** A neighbourhood whose boxes answer as a test says; nothing of it is a network. */
export class TestNeighbourhood {
  readonly reports: string[] = [];
  /** Who answers, by URL. */
  readonly there = new Map<string, Greeting>();
  readonly events: string[] = [];
  readonly neighbourhood: Neighbourhood;
  readonly #registry: Registry;
  #looks: (() => void)[] = [];

  constructor(folder = '/', plugins: readonly Plugin[] = []) {
    this.#registry = new Registry([...builtIn, ...plugins]);
    this.neighbourhood = new Neighbourhood({
      context: { folder, box: undefined },
      greet: async (url) => {
        const greeting = this.there.get(url);
        if (!greeting) throw new Error('nobody there');
        return greeting;
      },
      report: (discoverer, _level, message) => {
        this.reports.push(`${discoverer} ${message}`);
        this.#look();
      },
      times: { firstBackoffMs: 1, lastBackoffMs: 4, steadyMs: 60_000, stopMs: 50 },
    });
    this.neighbourhood.on('appeared', (box) => this.events.push(`+${box.name}`));
    this.neighbourhood.on('disappeared', (box) => this.events.push(`-${box.name}`));
    this.neighbourhood.on('boxes', () => this.#look());
    this.neighbourhood.on('settled', () => this.#look());
  }

  apply(discovery: unknown): Promise<void> {
    return this.neighbourhood.apply(this.#registry.configure('discovery', discovery, 'discovery'));
  }

  /** Resolves when something holds. */
  async until(holds: (boxes: readonly Box[]) => boolean, what: string): Promise<readonly Box[]> {
    const { neighbourhood } = this;
    await bounded(
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (holds(neighbourhood.boxes)) resolve();
          else this.#looks.push(look);
        };
        look();
      }),
      what,
    );
    return neighbourhood.boxes;
  }

  #look(): void {
    const looks = this.#looks;
    this.#looks = [];
    for (const look of looks) look();
  }

  close(): Promise<void> {
    return this.neighbourhood.close();
  }
}
