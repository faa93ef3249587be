import type { Isolate, IsolateTier } from '../../hosts/node/isolate/index.ts';
import { maskOf } from './mask.ts';
import type { Plan } from './plan.ts';

/** An isolate that is given the code of a version; nothing of it is heard before its `go`. */
export class Preparation {
  /** Rejects if there is none to be had, or its sealed parameters cannot be opened. */
  readonly isolate: Promise<Isolate>;
  /** The same, once it is there. */
  claimed: Isolate | undefined;
  /** Of the claimed one: resolves when it runs, rejects with StartError. */
  started: Promise<void> | undefined;
  /** Hides sealed values in what leaves the box for people. */
  mask = (text: string): string => text;

  constructor(tier: IsolateTier, plan: Plan) {
    this.isolate = this.#claim(tier, plan);
    this.isolate.catch(() => {}); // whoever runs it is told
  }

  async #claim(tier: IsolateTier, { image, limits, secrets }: Plan): Promise<Isolate> {
    const sealed = secrets();
    this.mask = maskOf(sealed);
    const isolate = await tier.claim(limits);
    this.started = isolate.start({ ...image, parameters: { ...image.parameters, ...sealed } }, limits, true);
    this.started.catch(() => {});
    this.claimed = isolate;
    return isolate;
  }

  /** It is not wanted any more. */
  discard(): void {
    this.isolate.then(
      (isolate) => isolate.wrapup(),
      () => {}, // there is none
    );
  }
}
