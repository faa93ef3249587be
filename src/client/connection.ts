import type { z } from 'zod';
import { CodedError, TypedEmitter } from '../../hosts/common/index.ts';
import { sequenceAfter } from '../envelope/index.ts';
import { clientErrors } from './errors.ts';
import {
  type AuditRecord,
  auditRecords,
  type Deployed,
  deployAnswer,
  type Hello,
  type HistoryEntry,
  history,
  type LogEvent,
  type LogLine,
  logLines,
  notifications,
  type OutputValue,
  type StateChange,
  type Status,
  status,
  statuses,
} from './messages.ts';
import type { Rpc } from './rpc.ts';
import type { Signer } from './signer.ts';
import { common, type Signed, signStatement, waitingMs } from './signing.ts';

export interface ConnectionEvents {
  state: [StateChange];
  output: [OutputValue];
  log: [LogEvent];
  /** So many notifications were left out because we read too slowly. */
  dropped: [count: number];
  closed: [error: CodedError];
}

/** What changes one swarmlet, without what every statement has. */
export type Change =
  | { readonly action: 'undeploy' | 'restart'; readonly swarmlet: string }
  | { readonly action: 'rollback'; readonly swarmlet: string; readonly to: string };

const callMs = 30_000;
/** A box that forgets files before they are used asks for them again, but not for ever. */
const deployRounds = 4;
const deployMs = 120_000; // staging, both start deadlines at their usual size, and a queue before it

/** What connecting found out. */
export interface Introduction {
  readonly hello: Hello;
  readonly principal: string;
  readonly firstContact: boolean;
  readonly renewed: boolean;
  readonly confirmed: boolean;
  readonly signer: Signer;
  readonly signal: AbortSignal | undefined;
  again(): Promise<BoxConnection>;
}

/** An authenticated connection to one box; both sides have proved who they are. */
export class BoxConnection extends TypedEmitter<ConnectionEvents> {
  readonly box: Hello['box'];
  readonly limits: Hello['limits'];
  /** The name by which the box knows us. */
  readonly principal: string;
  /** True if this box was not known before. */
  readonly firstContact: boolean;
  /** True if it has another key than before, which the one before signed. */
  readonly renewed: boolean;
  /** True if it is who was meant: known before, or named by its id. */
  readonly confirmed: boolean;
  /** Who signs what goes to the box. */
  readonly signer: Signer;
  /** Connects anew to the same box. */
  readonly again: () => Promise<BoxConnection>;
  readonly #rpc: Rpc;
  readonly #signal: AbortSignal | undefined;

  constructor(rpc: Rpc, about: Introduction) {
    super();
    this.#rpc = rpc;
    this.box = about.hello.box;
    this.limits = about.hello.limits;
    this.principal = about.principal;
    this.firstContact = about.firstContact;
    this.renewed = about.renewed;
    this.confirmed = about.confirmed;
    this.signer = about.signer;
    this.again = about.again;
    this.#signal = about.signal;
    rpc.on('notification', (method, params) => this.#notified(method, params));
    rpc.on('closed', (error) => this.emit('closed', error));
  }

  get address(): string {
    return this.#rpc.address;
  }

  /** Why it is no longer open, if it is not. */
  get ended(): CodedError | undefined {
    return this.#rpc.ended;
  }

  list(): Promise<Status[]> {
    return this.#call('list', {}, statuses).then(({ swarmlets }) => swarmlets);
  }

  /** @throws CodedError NOT_FOUND */
  status(swarmlet: string): Promise<Status> {
    return this.#call('status', { swarmlet }, status);
  }

  /** Newest first. */
  history(swarmlet: string): Promise<HistoryEntry[]> {
    return this.#call('history', { swarmlet }, history).then(({ versions }) => versions);
  }

  /** Records of the box's audit, oldest first: the newest `limit` since that time (RFC 3339). */
  audit(options: { readonly since?: string; readonly limit?: number } = {}): Promise<AuditRecord[]> {
    return this.#call('audit', options, auditRecords).then(({ records }) => records);
  }

  /** The lines kept; with `follow` later ones come as `log` events. */
  logs(swarmlet: string, options: { readonly since?: string; readonly follow?: boolean } = {}): Promise<LogLine[]> {
    return this.#call('logs', { swarmlet, ...options }, logLines).then(({ lines }) => lines);
  }

  /** Asks for `output` and `state` events of a swarmlet, which need not be there yet. */
  async subscribe(swarmlet: string, what: { readonly outputs?: true | readonly string[]; readonly states?: boolean }): Promise<void> {
    await this.#send('subscribe', { swarmlet, ...what });
  }

  /**
   * Deploys, and sends the files that the box lacks; the answer comes when the version runs, or has failed to.
   * @throws CodedError, also TOO_LARGE before anything is sent; MISSING_BLOB for a file that is not there to be sent
   */
  async deploy(signed: Signed): Promise<Deployed> {
    const { length } = signed.payload;
    if (length > this.limits.statementBytes) throw clientErrors.TOO_LARGE('The push', length, this.limits.statementBytes);
    for (let round = 0; round < deployRounds; round++) {
      const answer = await this.#call('deploy', { envelope: signed.envelope }, deployAnswer, deployMs);
      if (!('needs' in answer)) return answer as Deployed;
      await this.#sendFiles(answer.needs as readonly string[], signed);
    }
    throw clientErrors.FILES_NOT_KEPT(this.address);
  }

  async #sendFiles(digests: readonly string[], { files }: Signed): Promise<void> {
    for (const digest of digests) {
      const bytes = files?.get(digest);
      if (!bytes) throw clientErrors.MISSING_BLOB(digest);
      await this.#rpc.sendBytes(bytes);
    }
  }

  /**
   * Signs a change for this box and calls it; the status after it. It is meant for whatever is there now, so a sequence that
   * became too old in between is raised once.
   */
  async change(change: Change): Promise<Status> {
    const { sequence } = await this.status(change.swarmlet);
    try {
      return await this.#signed(change.action, { ...change, sequence: sequenceAfter(sequence) });
    } catch (error) {
      const last = lastSequence(error);
      if (last === undefined) throw error;
      return await this.#signed(change.action, { ...change, sequence: sequenceAfter(last) });
    }
  }

  /** Signs a change for this box without sending it, so that others can sign it too: good for a week. */
  async prepare(change: Change): Promise<Signed> {
    const { sequence } = await this.status(change.swarmlet);
    return signStatement({ ...change, sequence: sequenceAfter(sequence), ...common([this.box.id], Date.now(), waitingMs) }, this.signer);
  }

  /** Sends what was signed before, whatever it is; the status after it, or how the deployment went. */
  submit(signed: Signed): Promise<Status | Deployed> {
    const { action } = JSON.parse(signed.payload.toString('utf8')) as { readonly action: string };
    return action === 'deploy' ? this.deploy(signed) : this.#call(action, { envelope: signed.envelope }, status, deployMs);
  }

  /** Gives a value to an input of a swarmlet. */
  input(swarmlet: string, port: string, value: unknown): Promise<Status> {
    return this.#signed('input', { action: 'input', swarmlet, port, value });
  }

  async #signed(method: string, statement: object): Promise<Status> {
    const { envelope } = await signStatement({ ...statement, ...common([this.box.id]) }, this.signer);
    return this.#call(method, { envelope }, status, deployMs);
  }

  close(): void {
    this.#rpc.close();
  }

  async #call<T extends z.ZodType>(method: string, params: object, shape: T, timeoutMs = callMs): Promise<z.infer<T>> {
    const answer = shape.safeParse(await this.#send(method, params, timeoutMs));
    if (answer.success) return answer.data;
    const [problem] = answer.error.issues;
    throw new CodedError(
      'INTERNAL',
      `The box at ${this.address} answers ${method} in a way that this client cannot read: ${problem?.path.join('.')}: ${problem?.message}`,
    );
  }

  #send(method: string, params: object, timeoutMs = callMs): Promise<unknown> {
    return this.#rpc.call(method, params, timeoutMs, this.#signal);
  }

  #notified(method: string, params: unknown): void {
    switch (method) {
      case 'state':
        this.#tell(notifications.state, params, (event) => this.emit('state', event));
        break;
      case 'output':
        this.#tell(notifications.output, params, (event) => this.emit('output', event));
        break;
      case 'log':
        this.#tell(notifications.log, params, (event) => this.emit('log', event));
        break;
      case 'dropped':
        this.#tell(notifications.dropped, params, ({ count }) => this.emit('dropped', count));
        break;
      default: // of a newer box
    }
  }

  /** A notification that cannot be read counts as one that was left out. */
  #tell<T extends z.ZodType>(shape: T, params: unknown, emit: (event: z.infer<T>) => unknown): void {
    const event = shape.safeParse(params);
    if (event.success) emit(event.data);
    else this.emit('dropped', 1);
  }
}

/** The sequence that STALE_SEQUENCE names, if that is what the error is. */
export function lastSequence(error: unknown): number | undefined {
  if (!(error instanceof CodedError) || error.code !== 'STALE_SEQUENCE') return undefined;
  const { last } = (error.detail ?? {}) as { last?: unknown };
  return typeof last === 'number' ? last : undefined;
}
