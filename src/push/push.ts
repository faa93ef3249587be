import { rsort, valid } from 'semver';
import { type BoxConnection, common, lastSequence, type Signed, type Signer, type Status, signStatement } from '../client/index.ts';
import type { Closure } from './closure.ts';
import { type Delivered, deliver } from './deliver.ts';
import { statusIfAny } from './state-watch.ts';
import { type DeployRequest, deployStatement, nextVersion } from './statement.ts';

/** Where a deployment stands among the others of its name. */
interface Order {
  readonly sequence: number;
  readonly replaces?: string | null;
  readonly version: string;
}

/** A swarmlet that is to be pushed, and who signs. */
export class Push {
  readonly #closure: Closure;
  readonly #request: DeployRequest;
  readonly #signer: Signer;

  constructor(closure: Closure, request: DeployRequest, signer: Signer) {
    this.#closure = closure;
    this.#request = request;
    this.#signer = signer;
  }

  /**
   * Pushes to one box, after the version that is there now, so that somebody else's push in the meantime is a CONFLICT.
   * @param again  connects anew when the connection is lost
   * @throws CodedError of the box or of the connection
   */
  async toOne(box: BoxConnection, again: () => Promise<BoxConnection>): Promise<Delivered> {
    const present = await statusIfAny(box, this.#request.swarmlet);
    const version = this.#request.version ?? nextVersion(present?.version);
    const order: Order = { sequence: (present?.sequence ?? 0) + 1, ...following(present), version };
    try {
      return await deliver(await this.#sign([box], order), box, again);
    } catch (error) {
      // A name that was freed, or a push that did not run, used sequences that only the refusal tells; `replaces` still guards.
      const last = lastSequence(error);
      if (last === undefined || order.replaces === undefined) throw error;
      return deliver(await this.#sign([box], { ...order, sequence: last + 1 }), box, again);
    }
  }

  /** Signs one statement that is good for all these boxes; they have no common last sequence, so the time stands for it. */
  async signForAll(boxes: readonly BoxConnection[]): Promise<Signed> {
    const present = await Promise.all(boxes.map((box) => statusIfAny(box, this.#request.swarmlet)));
    const versions = present.flatMap((status) => valid(status?.version) ?? []);
    const version = this.#request.version ?? nextVersion(rsort(versions)[0]);
    return this.#sign(boxes, { sequence: Date.now(), version });
  }

  #sign(boxes: readonly BoxConnection[], order: Order): Promise<Signed> {
    const audience = boxes.map(({ box }) => box.id);
    return signStatement(deployStatement(this.#closure, this.#request, { ...common(audience), ...order }), this.#signer);
  }
}

/** Only what runs has a place that could be taken: a version that ended leaves it to whoever comes. */
function following(status: Status | undefined): { replaces?: string | null } {
  if (!status) return { replaces: null };
  return status.digest && ['running', 'backoff'].includes(status.state) ? { replaces: status.digest } : {};
}
