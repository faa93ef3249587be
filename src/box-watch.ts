import { CodedError, errorText, TypedEmitter } from '../hosts/common/index.ts';
import type { Box, Neighbourhood } from './discovery/index.ts';

/** A box out there, as accessors get it; `url` and `id` are what a Push takes. */
export interface SeenBox {
  readonly id: string | null;
  readonly name: string | null;
  /** Another box has that name too. */
  readonly ambiguous: boolean;
  readonly url: string;
  readonly urls: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string | null;
  readonly sources: readonly string[];
  /** RFC 3339; null: it has not answered yet. */
  readonly lastSeen: string | null;
}

export interface BoxWatchEvents {
  appeared: [SeenBox];
  disappeared: [SeenBox];
  /** After each change. */
  boxes: [readonly SeenBox[]];
  failed: [CodedError];
}

/** Boxes as they come and go, for one accessor: first those that are there already. */
export class BoxWatch extends TypedEmitter<BoxWatchEvents> {
  readonly #opening: Promise<Neighbourhood>;
  readonly #end: () => Promise<void>;
  #unfollow = (): void => {};
  #closed = false;

  /** @param end  called once it is closed */
  constructor(neighbourhood: Promise<Neighbourhood>, end: () => Promise<void> = async () => {}) {
    super();
    this.#opening = neighbourhood;
    this.#end = end;
    neighbourhood.then(
      (opened) => !this.#closed && this.#follow(opened),
      (error) => this.emit('failed', error instanceof CodedError ? error : new CodedError('FAILED', errorText(error), { cause: error })),
    );
  }

  #follow(neighbourhood: Neighbourhood): void {
    const appeared = (box: Box): void => void this.emit('appeared', seen(box));
    const disappeared = (box: Box): void => void this.emit('disappeared', seen(box));
    const boxes = (all: readonly Box[]): void => void this.emit('boxes', all.map(seen));
    const { boxes: there } = neighbourhood;
    for (const box of there) if (box.id !== undefined) appeared(box);
    boxes(there);
    neighbourhood.on('appeared', appeared).on('disappeared', disappeared).on('boxes', boxes);
    this.#unfollow = () => void neighbourhood.off('appeared', appeared).off('disappeared', disappeared).off('boxes', boxes);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unfollow();
    await this.#opening.catch(() => {}); // told above
    await this.#end();
  }
}

function seen({ id, name, ambiguous, urls, labels, version, sources, lastSeen }: Box): SeenBox {
  return {
    id: id ?? null,
    name: name ?? null,
    ambiguous,
    url: urls[0] ?? '',
    urls,
    labels,
    version: version ?? null,
    sources,
    lastSeen: lastSeen === undefined ? null : new Date(lastSeen).toISOString(),
  };
}
