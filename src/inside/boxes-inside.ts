import { BoxWatch } from '../box-watch.ts';
import { errors } from '../errors.ts';
import type { InsidePart, PartLine } from './session.ts';

/** A Boxes inside an isolate: the boxes that the box itself knows of. */
export class BoxesInside implements InsidePart {
  readonly #watch: BoxWatch;

  /** @throws FORBIDDEN, UNSUPPORTED */
  constructor({ version, box, emit }: PartLine, { discovery }: Readonly<Record<string, unknown>>) {
    if (![undefined, null, ''].includes(discovery as undefined | null | '')) {
      throw errors.FORBIDDEN(version.principal, "set discovery of a Boxes inside a swarmlet, which is the box's own");
    }
    const { neighbourhood } = box;
    if (!neighbourhood) throw errors.UNSUPPORTED('deployment/Boxes: it does not look for other boxes');
    this.#watch = new BoxWatch(Promise.resolve(neighbourhood));
    for (const event of ['appeared', 'disappeared', 'boxes'] as const) this.#watch.on(event, (value) => emit(event, value));
  }

  async call(): Promise<void> {
    throw errors.MALFORMED('method', 'expected none: a Boxes only tells');
  }

  close(): void {
    void this.#watch.close();
  }
}
