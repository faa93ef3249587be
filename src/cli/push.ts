import { resolve } from 'node:path';
import { CodedError } from '../../hosts/common/index.ts';
import type { BoxConnection } from '../client/index.ts';
import type { Target } from '../discovery/index.ts';
import {
  type Closure,
  type Delivered,
  deliver,
  type Following,
  Push,
  StateWatch,
  swarmletFrom,
  swarmletName,
  untilCompleted,
  untilHealthy,
} from '../push/index.ts';
import type { Arguments } from './arguments.ts';
import type { Action } from './command.ts';
import { type Outcome, showOutcomes } from './each-box.ts';
import { errorLine } from './error-line.ts';
import { type ExitCode, exit, exitCodeOf, usageError } from './exit.ts';
import { FileWatch } from './file-watch.ts';
import { changesText } from './history.ts';
import type { Io } from './io.ts';
import { checkRequest, type PushRequest, readSecrets, showDryRun } from './push-request.ts';
import { delivery, progressOf } from './push-shown.ts';
import { Session } from './session.ts';
import { keepSigned } from './signed-file.ts';

export const push: Action = async (args, io) => {
  const file = args.words[0] as string;
  if (args.flag('dry-run')) {
    const closure = await swarmletFrom({ kind: 'file', name: file }, { files: args.texts('file'), signal: io.signal });
    showDryRun(closure, requestFor(closure, args, readSecrets(args)), args, io);
    return exit.done;
  }
  const run = new PushRun(args, io);
  try {
    return args.flag('watch') ? await run.atEverySave(file) : await run.once(await run.collect(file));
  } finally {
    run.close();
  }
};

function requestFor(closure: Closure, args: Arguments, secrets: Readonly<Record<string, string>>): PushRequest {
  return checkRequest(closure, args, args.text('name') ?? swarmletName(closure.main), secrets);
}

function followingOf(args: Arguments): Following {
  const digest = args.text('replaces');
  if (args.flag('force') && digest !== undefined) throw usageError('--force and --replaces: give one of them');
  if (args.flag('force')) return { kind: 'anything' };
  if (digest === undefined) return { kind: 'seen' };
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw usageError(`--replaces takes sha256:..., as 'accessors history NAME --json' shows it; got '${digest}'`);
  return { kind: 'digest', digest };
}

/** One `accessors push`: its connections serve all the saves of `--watch`. */
class PushRun {
  readonly #args: Arguments;
  readonly #io: Io;
  readonly #session: Session;
  readonly #secrets: Readonly<Record<string, string>>;
  readonly #following: Following;
  readonly #open = new Map<Target, BoxConnection>();
  #targets: readonly Target[] | undefined;

  constructor(args: Arguments, io: Io) {
    this.#args = args;
    this.#io = io;
    this.#secrets = readSecrets(args);
    this.#following = followingOf(args);
    this.#session = new Session(args, io, { onlyKnown: args.texts('secret').length > 0 });
  }

  collect(file: string): Promise<Closure> {
    const setupMs = Number(
      this.#args
        .texts('limit')
        .find((text) => /^setupMs=\d+$/.test(text))
        ?.slice('setupMs='.length),
    );
    const files = this.#args.texts('file');
    return swarmletFrom({ kind: 'file', name: file }, { files, signal: this.#session.signal, ...(setupMs > 0 && { setupMs }) });
  }

  async once(closure: Closure): Promise<ExitCode> {
    const request = requestFor(closure, this.#args, this.#secrets);
    const progress = progressOf(this.#args, this.#io);
    progress.collected(closure);
    const signer = await this.#session.signer;
    progress.signing(request.swarmlet, signer.keyId);
    const pushing = new Push(closure, request, signer, this.#following);
    this.#targets ??= await this.#session.targets();
    const targets = this.#targets;
    const out = this.#args.text('out');
    if (out !== undefined) return this.#toFile(out, targets, pushing);
    const outcomes = targets.length === 1 ? [await this.#toOne(targets[0] as Target, pushing)] : await this.#toMany(targets, pushing);
    return showOutcomes(outcomes, this.#args, this.#io, delivery(this.#io));
  }

  /** Signs, and leaves it to others to sign it too, and to send it. */
  async #toFile(file: string, targets: readonly Target[], pushing: Push): Promise<ExitCode> {
    const boxes = await Promise.all(targets.map((target) => this.#connection(target)));
    const chosenBy = new Map(boxes.flatMap((box, i) => (targets[i]?.chosenBy ? [[box, targets[i].chosenBy] as const] : [])));
    keepSigned(file, await pushing.prepare(boxes, chosenBy), this.#args, this.#io);
    return exit.done;
  }

  /** Pushes at every save until Ctrl-C; what fails is told and does not end it. */
  async atEverySave(file: string): Promise<ExitCode> {
    const files = new FileWatch();
    try {
      for (;;) {
        const closure = await this.#attempt(() => this.collect(file));
        if (closure) files.follow([...closure.files.values()].flatMap(({ path }) => path ?? []));
        else if (files.empty) files.follow(['', '.js', '.ts'].map((ending) => resolve(`${file}${ending}`)));
        if (closure) await this.#attempt(() => this.once(closure));
        const saved = await files.next(this.#session.signal);
        if (this.#io.attended) this.#io.tell(`${saved} was saved`);
      }
    } finally {
      files.close();
    }
  }

  async #attempt<T>(step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      this.#session.signal.throwIfAborted();
      if (exitCodeOf(error) === exit.usage) throw error;
      this.#io.tell(errorLine(error));
      return undefined;
    }
  }

  close(): void {
    for (const connection of this.#open.values()) connection.close();
  }

  async #connection(target: Target): Promise<BoxConnection> {
    const there = this.#open.get(target);
    if (there && !there.ended) return there;
    const connection = await this.#session.connect(target);
    this.#open.set(target, connection);
    return connection;
  }

  #toOne(target: Target, pushing: Push): Promise<Outcome<Delivered>> {
    return outcomeOf(target, async () => {
      const connection = await this.#connection(target);
      const again = (): Promise<BoxConnection> => this.#session.connect(target);
      return this.#waited(connection, await pushing.toOne(connection, again).catch((error) => conflictShown(error, connection)));
    });
  }

  /** One signature for all boxes that answer. */
  async #toMany(targets: readonly Target[], pushing: Push): Promise<Outcome<Delivered>[]> {
    const connected = await Promise.all(targets.map((target) => outcomeOf(target, () => this.#connection(target))));
    const boxes = connected.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.value] : []));
    if (boxes.length === 0) return connected as Outcome<never>[];
    const chosenBy = new Map(
      connected.flatMap((outcome, i) => {
        const labels = targets[i]?.chosenBy;
        return outcome.kind === 'done' && labels ? [[outcome.value, labels] as const] : [];
      }),
    );
    const signed = await pushing.signForAll(boxes, chosenBy);
    return Promise.all(
      connected.map((outcome, i) => {
        if (outcome.kind === 'failed') return outcome;
        const target = targets[i] as Target;
        const again = (): Promise<BoxConnection> => this.#session.connect(target);
        return outcomeOf(target, async () => this.#waited(outcome.value, await deliver(signed, outcome.value, again)));
      }),
    );
  }

  async #waited(connection: BoxConnection, delivered: Delivered): Promise<Delivered> {
    const until = this.#args.choice('wait', ['running', 'healthy', 'completed']) ?? 'running';
    if (until === 'running') return delivered;
    const { swarmlet, digest } = delivered;
    const watch = await StateWatch.open(connection, swarmlet, digest);
    const wait = until === 'healthy' ? untilHealthy : untilCompleted;
    await wait(watch, connection, swarmlet, this.#session.signal);
    return { ...delivered, state: until === 'completed' ? (watch.last?.state ?? until) : until }; // its time may be over, too
  }
}

/** Rejects with the same error; a CONFLICT says too what the version that won changed. */
async function conflictShown(error: unknown, connection: BoxConnection): Promise<never> {
  if (!(error instanceof CodedError) || error.code !== 'CONFLICT') throw error;
  const { swarmlet, digest } = (error.detail ?? {}) as { readonly swarmlet?: unknown; readonly digest?: unknown };
  const versions = typeof swarmlet === 'string' ? await connection.history(swarmlet).catch(() => []) : []; // the conflict matters more
  const changes = changesText(versions.find((entry) => entry.digest === digest)?.changes);
  const shown = changes === '' ? '' : ` It changed ${changes}.`;
  throw new CodedError('CONFLICT', `${error.message}.${shown} To push over it: --force`, { detail: error.detail, cause: error });
}

async function outcomeOf<T>({ name }: Target, step: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', target: name, value: await step() };
  } catch (error) {
    return { kind: 'failed', target: name, error };
  }
}
