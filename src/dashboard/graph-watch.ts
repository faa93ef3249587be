import type { View } from '../../hosts/common/index.ts';
import type { PageBox } from './page-box.ts';
import type { PageGraph } from './page-messages.ts';

/** Between two looks into an isolate. */
const LOOK_MS = 150;
/** The same while it does not run. */
const REST_MS = 1000;

/** Looks into one swarmlet while somebody watches it, and tells all who do. */
export class GraphWatch {
  readonly #box: PageBox;
  readonly #swarmlet: string;
  readonly #defect: (error: unknown) => void;
  readonly #listeners = new Set<(graph: PageGraph) => void>();
  readonly #reactions = new Map<number, number>();
  readonly #values = new Map<number, readonly [count: number, text: string]>();
  #structure: PageGraph['structure'];
  #revision = 0;
  /** Counts the isolates that may have come. */
  #generation = 0;
  #running = true;
  #timer: NodeJS.Timeout | undefined;

  /** @param defect  told of what goes wrong; then it looks no more */
  constructor(box: PageBox, swarmlet: string, defect: (error: unknown) => void) {
    this.#box = box;
    this.#swarmlet = swarmlet;
    this.#defect = defect;
  }

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** The listener is told all there is, then what happens. */
  add(listener: (graph: PageGraph) => void): void {
    this.#listeners.add(listener);
    if (this.#structure) listener(this.#all(this.#structure));
    this.#timer ??= setTimeout(() => this.#lookNow(), 0);
  }

  remove(listener: (graph: PageGraph) => void): void {
    this.#listeners.delete(listener);
    if (this.watched) return;
    clearTimeout(this.#timer);
    this.#box.unobserve(this.#swarmlet);
  }

  /** Another isolate may run now, whose revisions begin anew. */
  changed(): void {
    this.#generation++;
    this.#revision = 0;
  }

  #all(structure: NonNullable<PageGraph['structure']>): PageGraph {
    const values = [...this.#values].map(([port, [count, text]]) => [port, count, text] as const);
    return { swarmlet: this.#swarmlet, running: this.#running, structure, reactions: [...this.#reactions], values };
  }

  #lookNow(): void {
    this.#look().catch(this.#defect);
  }

  async #look(): Promise<void> {
    const generation = this.#generation;
    const view = await this.#box.observe(this.#swarmlet, this.#revision);
    if (!this.watched) return;
    this.#timer = setTimeout(() => this.#lookNow(), view ? LOOK_MS : REST_MS);
    if (view) {
      if (generation === this.#generation) this.#seen(view);
    } else if (this.#running) {
      this.#running = false;
      this.#tell({ swarmlet: this.#swarmlet, running: false, reactions: [], values: [] });
    }
  }

  #seen({ revision, structure, reactions, values }: View): void {
    if (structure) {
      this.#structure = structure;
      this.#revision = revision;
      this.#reactions.clear();
      this.#values.clear();
    }
    for (const [node, count] of reactions) this.#reactions.set(node, count);
    for (const [port, count, text] of values) this.#values.set(port, [count, text]);
    const began = !this.#running;
    this.#running = true;
    if (!structure && !began && reactions.length === 0 && values.length === 0) return;
    this.#tell({ swarmlet: this.#swarmlet, running: true, ...(structure && { structure }), reactions, values });
  }

  #tell(graph: PageGraph): void {
    for (const listener of this.#listeners) listener(graph);
  }
}
