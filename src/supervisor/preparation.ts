import type { Isolate, IsolateTier } from '../../hosts/node/isolate/index.ts';
import { maskOf } from './mask.ts';
import type { Plan } from './plan.ts';

/** An isolate that is given the code of a version; none of it runs before `run`. */
export class Preparation {
  /** Rejects if there is none to be had, or its sealed parameters cannot be opened. */
  readonly isolate: Promise<Isolate>;
  readonly #tier: IsolateTier;
  readonly #plan: Plan;
  /** Hides sealed values in what leaves the box for people. */
  #mask = (text: string): string => text;
  #run = (): void => {};
  #discard = (_why: Error): void => {};
  #started: Promise<void> | undefined;

  constructor(tier: IsolateTier, plan: Plan) {
    this.#tier = tier;
    this.#plan = plan;
    this.isolate = this.#claim();
    this.isolate.catch(() => {}); // whoever runs it is told
  }

  async #claim(): Promise<Isolate> {
    const { image, limits, secrets } = this.#plan;
    const when = new Promise<void>((resolve, reject) => {
      this.#run = resolve;
      this.#discard = reject;
    });
    when.catch(() => {});
    const sealed = secrets();
    this.#mask = maskOf(sealed);
    const isolate = await this.#tier.claim(limits);
    this.#started = isolate.start({ ...image, parameters: { ...image.parameters, ...sealed } }, limits, when);
    this.#started.catch(() => {});
    return isolate;
  }

  get mask(): (text: string) => string {
    return this.#mask;
  }

  /**
   * To be called once there is an isolate; resolves when it runs.
   * @throws StartError
   */
  async run(): Promise<void> {
    this.#run();
    await this.#started;
  }

  /** It is not wanted any more. */
  discard(): void {
    this.#discard(new Error('It is not wanted any more.'));
  }
}
