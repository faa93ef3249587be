import { rsort, valid } from 'semver';
import {
  type BoxConnection,
  clientErrors,
  common,
  lastSequence,
  type Signed,
  type Signer,
  type Status,
  signStatement,
  waitingMs,
} from '../client/index.ts';
import { type Audience, type DeployStatement, sequenceAfter } from '../envelope/index.ts';
import type { Closure } from './closure.ts';
import { type Delivered, deliver } from './deliver.ts';
import { statusIfAny } from './state-watch.ts';
import { type DeployRequest, deployStatement, filesApart, nextVersion } from './statement.ts';

type Labels = Readonly<Record<string, string>>;

/** Where a deployment stands among the others of its name. */
interface Order {
  readonly sequence: number;
  readonly replaces?: string | null;
  readonly version: string;
}

/** What a push takes the place of: else it is a CONFLICT. */
export type Following =
  | { readonly kind: 'seen' } // what was there when the push began
  | { readonly kind: 'anything' }
  | { readonly kind: 'digest'; readonly digest: string };

/** How long a statement is good, and how many bytes of files travel in it, where that is not as usual. */
interface Keeping {
  readonly forMs?: number;
  readonly inline?: number;
}

/** A swarmlet that is to be pushed, and who signs. */
export class Push {
  readonly #closure: Closure;
  readonly #request: DeployRequest;
  readonly #signer: Signer;
  readonly #following: Following;
  readonly #approve: (statement: DeployStatement) => void;

  /** @param approve  throws for what is not to be signed */
  constructor(
    closure: Closure,
    request: DeployRequest,
    signer: Signer,
    following: Following = { kind: 'seen' },
    approve: (statement: DeployStatement) => void = () => {},
  ) {
    this.#closure = closure;
    this.#request = request;
    this.#signer = signer;
    this.#following = following;
    this.#approve = approve;
  }

  /**
   * Pushes to one box, after the version that is there now, so that somebody else's push in the meantime is a CONFLICT.
   * @param again  connects anew when the connection is lost
   * @throws CodedError of the box or of the connection; TOO_LARGE before anything is signed
   */
  async toOne(box: BoxConnection, again: () => Promise<BoxConnection> = box.again): Promise<Delivered> {
    const present = await statusIfAny(box, this.#request.swarmlet);
    const version = this.#request.version ?? nextVersion(present?.version);
    const order: Order = { sequence: sequenceAfter(present?.sequence ?? 0), ...this.#replaces([present]), version };
    try {
      return await deliver(await this.#sign([box], order), box, again);
    } catch (error) {
      // A name that was freed, or a push that did not run, used sequences that only the refusal tells; `replaces` still guards.
      const last = lastSequence(error);
      if (last === undefined || (order.replaces === undefined && this.#following.kind !== 'anything')) throw error;
      return deliver(await this.#sign([box], { ...order, sequence: sequenceAfter(last) }), box, again);
    }
  }

  /**
   * Signs one statement that is good for all these boxes; they have no common last sequence, so the time stands for it.
   * @param chosenBy  labels by which boxes were chosen: those that have them are meant as long as they do
   */
  signForAll(boxes: readonly BoxConnection[], chosenBy: ReadonlyMap<BoxConnection, Labels> = new Map()): Promise<Signed> {
    return this.#signOne(boxes, chosenBy);
  }

  /** One statement can name one version: where the boxes have different ones it names none. */
  #replaces(present: readonly (Status | undefined)[]): { replaces?: string | null } {
    const { kind } = this.#following;
    if (kind === 'digest') return { replaces: this.#following.digest };
    if (kind === 'anything') return {};
    const [first, ...others] = present.map(following);
    return first && others.every(({ replaces }) => replaces === first.replaces) ? first : {};
  }

  /** The same to be kept in a file until others have signed it too: good for a week, and all of it in the statement. */
  async prepare(boxes: readonly BoxConnection[], chosenBy: ReadonlyMap<BoxConnection, Labels>): Promise<Signed> {
    const signed = await this.#signOne(boxes, chosenBy, { forMs: waitingMs, inline: Number.POSITIVE_INFINITY });
    const { length } = signed.payload;
    const limit = Math.min(...boxes.map(({ limits }) => limits.statementBytes));
    if (length > limit) throw clientErrors.TOO_LARGE('A push that is kept in a file', length, limit);
    return signed;
  }

  async #signOne(boxes: readonly BoxConnection[], chosenBy: ReadonlyMap<BoxConnection, Labels>, keeping?: Keeping): Promise<Signed> {
    const present = await Promise.all(boxes.map((box) => statusIfAny(box, this.#request.swarmlet)));
    const versions = present.flatMap((status) => valid(status?.version) ?? []);
    const version = this.#request.version ?? nextVersion(rsort(versions)[0]);
    return this.#sign(boxes, { sequence: Date.now(), ...this.#replaces(present), version }, chosenBy, keeping);
  }

  async #sign(
    boxes: readonly BoxConnection[],
    order: Order,
    chosenBy: ReadonlyMap<BoxConnection, Labels> = new Map(),
    keeping: Keeping = {},
  ): Promise<Signed> {
    this.#checkSizes(boxes);
    const sealed = await this.#sealed(boxes);
    const audience = audienceOf(boxes, sealed ? new Map() : chosenBy); // what is sealed is for boxes by their ids (PROTOCOL 3.4)
    const statement = deployStatement(
      this.#closure,
      this.#request,
      { ...common(audience, Date.now(), keeping.forMs), ...order, ...(sealed && { sealed }) },
      keeping.inline,
    );
    this.#approve(statement);
    return signStatement(statement, this.#signer, filesApart(this.#closure, statement));
  }

  /** Each secret for each box, to the key that the box proved to be its own. */
  async #sealed(boxes: readonly BoxConnection[]): Promise<DeployStatement['sealed']> {
    const secrets = Object.entries(this.#request.secrets ?? {});
    if (secrets.length === 0) return undefined;
    const stranger = boxes.find(({ confirmed }) => !confirmed);
    if (stranger) throw clientErrors.BOX_UNCONFIRMED(stranger.address, stranger.box.id);
    const { sealFor } = await import('./seal.ts'); // loads the cryptography only for those who seal
    const forBoxes = (value: unknown): Record<string, string> =>
      Object.fromEntries(boxes.map(({ box }) => [box.id, sealFor(Buffer.from(box.sealKey, 'base64'), value)]));
    return Object.fromEntries(secrets.map(([name, value]) => [name, forBoxes(value)]));
  }

  #checkSizes(boxes: readonly BoxConnection[]): void {
    const sizes = [...this.#closure.files].map(([name, { text }]) => ({ name, size: Buffer.byteLength(text) }));
    const total = sizes.reduce((sum, { size }) => sum + size, 0);
    for (const { limits } of boxes) {
      const large = sizes.find(({ size }) => size > limits.blobBytes);
      if (large) throw clientErrors.TOO_LARGE(large.name, large.size, limits.blobBytes);
      if (total > limits.swarmletBytes) throw clientErrors.TOO_LARGE(this.#request.swarmlet, total, limits.swarmletBytes);
      if (sizes.length > limits.files) throw clientErrors.TOO_MANY_FILES(this.#request.swarmlet, sizes.length, limits.files);
    }
  }
}

/** What a source says of a box's labels is no more than hearsay: only those that it has itself can stand for it. */
function audienceOf(boxes: readonly BoxConnection[], chosenBy: ReadonlyMap<BoxConnection, Labels>): Audience {
  const entries = boxes.map((connection) => {
    const labels = chosenBy.get(connection);
    const { box } = connection;
    return labels && Object.entries(labels).every(([name, value]) => box.labels[name] === value) ? { labels } : box.id;
  });
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}

/** Who is stopped, or about to run, leaves it to the box: the digest that its place has now is not told. */
function following(status: Status | undefined): { replaces?: string | null } {
  if (!status) return { replaces: null };
  return status.digest && ['running', 'backoff', 'failed', 'completed', 'expired'].includes(status.state)
    ? { replaces: status.digest }
    : {};
}
