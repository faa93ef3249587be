import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { CodedError, errorText } from '../../hosts/common/index.ts';
import { type BoxConnection, boxUrl, chooseIdentity, connect, KnownBoxes, type Signer, sshKeygenSigner } from '../client/index.ts';
import type { Target, Wish } from '../discovery/index.ts';
import { isKeyId } from '../envelope/index.ts';
import type { Arguments } from './arguments.ts';
import { durationMs } from './duration.ts';
import { usageError } from './exit.ts';
import { canAsk, type Io } from './io.ts';
import { plain } from './text.ts';

const defaultBox = 'ws://127.0.0.1:7927';

/** What a command that talks to boxes works with: who signs, which boxes, until when. */
export class Session {
  /** Aborted by Ctrl-C, and when the time of `--timeout` is over. */
  readonly signal: AbortSignal;
  readonly #args: Arguments;
  readonly #io: Io;
  readonly #known: KnownBoxes;
  readonly #onlyKnown: boolean;
  readonly #ca: string | undefined;
  #signer: Promise<Signer> | undefined;

  /** @param onlyKnown  refuse boxes that were not talked to before and are not given by --box-id */
  constructor(args: Arguments, io: Io, { onlyKnown = false } = {}) {
    this.#onlyKnown = onlyKnown;
    this.#args = args;
    this.#io = io;
    this.#known = KnownBoxes.ofUser(io.env);
    this.#ca = certificateOf(args.text('ca'));
    this.signal = untilTimeout(args, io.signal);
  }

  /** The boxes that are meant; looks for them only where an address does not say enough. */
  async targets(): Promise<readonly Target[]> {
    const { env } = this.#io;
    const args = this.#args;
    const all = [...(args.flag('local') ? ['local' as const] : []), ...(args.flag('all') ? ['all' as const] : [])];
    const given = args.texts('to');
    const named = given.length + all.length > 0 ? given : [env.ACCESSORS_BOX || defaultBox];
    if (all.length === 0 && named.every((name) => boxUrl(name) !== undefined)) return addressedTargets(named);
    const { lookUp, targetsFor, wishOf } = await import('../discovery/index.ts'); // loads what finds boxes only for those who look
    const wishes: Wish[] = [...all.map((kind) => ({ kind })), ...named.map(wishOf)];
    const warn = (message: string): void => this.#io.tell(plain(`accessors: ${message}`));
    return targetsFor(wishes, this.#known, () => lookUp({ env, signal: this.signal, ca: this.#ca, warn }));
  }

  get signer(): Promise<Signer> {
    this.#signer ??= chosenSigner(this.#args, this.#io, this.signal);
    return this.#signer;
  }

  async connect({ url, id, knownAs }: Target): Promise<BoxConnection> {
    const boxId = this.#args.text('box-id');
    if (boxId !== undefined && !isKeyId(boxId)) throw usageError(`--box-id takes SHA256:..., as 'accessors box' shows it; got '${boxId}'`);
    const connection = await connect(url, {
      signer: await this.signer,
      knownBoxes: this.#known,
      boxId,
      expectedId: id,
      knownAs,
      onlyKnown: this.#onlyKnown,
      signal: this.signal,
      ca: this.#ca,
    });
    if (connection.firstContact) {
      this.#io.tell(`The box at ${connection.address} is new: ${connection.box.id}, recorded in ${this.#known.file}`);
    }
    if (connection.renewed) {
      this.#io.tell(
        `The box at ${connection.address} has a new key, signed by the one before: ${connection.box.id}, recorded in ${this.#known.file}`,
      );
    }
    return connection;
  }
}

/** The key that `--identity` names, or the one that a person usually signs with. */
export async function chosenSigner(args: Arguments, io: Io, signal: AbortSignal): Promise<Signer> {
  const asking = { env: io.env, canAsk: canAsk(io), onSaid: (text: string) => io.tell(plain(text.trim())), signal };
  return sshKeygenSigner(await chooseIdentity(args.text('identity'), asking), asking);
}

function addressedTargets(names: readonly string[]): Target[] {
  return [...new Set(names)].map((name) => ({ name, url: boxUrl(name) as string, id: undefined, knownAs: undefined, chosenBy: undefined }));
}

export function certificateOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`--ca ${file} cannot be read: ${errorText(error)}`);
  }
}

export function untilTimeout(args: Arguments, interrupted: AbortSignal): AbortSignal {
  const text = args.text('timeout');
  if (text === undefined) return interrupted;
  const ms = durationMs('--timeout', text);
  const late = new AbortController();
  setTimeout(() => late.abort(new CodedError('TIMED_OUT', `Not done within ${text}; what was sent may still happen.`)), ms).unref();
  return AbortSignal.any([interrupted, late.signal]);
}

/** `USER@HOST`, for a key's comment. */
export function whoIsHere(): string {
  return `${userInfo().username}@${hostname()}`;
}
