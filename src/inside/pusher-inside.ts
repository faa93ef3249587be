import type { z } from 'zod';
import { CodedError } from '../../hosts/common/index.ts';
import type { DeployStatement } from '../envelope/index.ts';
import { errors } from '../errors.ts';
import { Pusher, type PushRequest } from '../pusher.ts';
import { Collection } from './collection.ts';
import { closureSchema, requestSchema } from './messages.ts';
import type { InsidePart, PartLine } from './session.ts';

/**
 * A Push inside an isolate: the box signs with its own key, says in `origin` for whom, and signs nothing for another box that
 * the principal who deployed the swarmlet might not deploy here.
 */
export class PusherInside implements InsidePart {
  readonly #line: PartLine;
  readonly #pusher: Pusher;
  #next: Collection;

  /** @throws FORBIDDEN */
  constructor(line: PartLine, parameters: Readonly<Record<string, unknown>>) {
    const { box, version } = line;
    const { identity = '', wait = 'running' } = parameters;
    if (identity !== '') throw errors.FORBIDDEN(version.principal, 'set identity of a Push inside a swarmlet, for which the box signs');
    this.#line = line;
    this.#next = new Collection(line.room);
    this.#pusher = new Pusher({ identity: '', wait: String(wait) }, async () => box.identity.keys);
    this.#pusher.on('progress', (progress) => line.emit('progress', progress));
  }

  file(name: string, piece: string): void {
    this.#next.add(name, piece);
  }

  async call(method: string, args: readonly unknown[]): Promise<void> {
    if (method !== 'push') throw errors.MALFORMED('method', 'expected push');
    const collection = this.#next;
    this.#next = new Collection(this.#line.room);
    try {
      await this.#push(collection.files, args);
    } finally {
      collection.close();
    }
  }

  async #push(files: ReadonlyMap<string, string>, [closure, request, target]: readonly unknown[]): Promise<void> {
    const { box, version, emit } = this.#line;
    const { main, modules } = parsed(closureSchema, closure, 'swarmlet');
    const { name, ...rest } = parsed(requestSchema, request, 'swarmlet');
    const { origin, signer } = box.onBehalfOf(version);
    const asked = { ...rest, ...(name !== undefined && { swarmlet: name }), origin } as PushRequest;
    const carried = new Map([...files].map(([file, text]) => [file, { text, path: undefined }]));
    const approve = (statement: DeployStatement): void => void box.policyFor(version.signers).check(statement, [signer]);
    try {
      const delivered = await this.#pusher.pushed({ main, files: carried, modules }, asked, target, approve);
      box.pushed(version, targetText(target), delivered.swarmlet, delivered.digest, delivered.state);
      emit('deployed', delivered);
    } catch (error) {
      const code = error instanceof CodedError ? error.code : 'FAILED';
      box.pushed(version, targetText(target), asked.swarmlet ?? main, null, code);
      throw error instanceof CodedError ? error : new CodedError(code, String(error), { cause: error });
    }
  }

  forget(): void {
    this.#next.close();
    this.#next = new Collection(this.#line.room);
  }

  close(): void {
    this.#pusher.close();
    this.#next.close();
  }
}

function parsed<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw errors.MALFORMED([what, ...(issue?.path ?? [])].join('.'), issue?.message ?? 'does not fit');
}

function targetText(box: unknown): string {
  const url = typeof box === 'string' ? box : (box as { readonly url?: unknown } | null)?.url;
  return String(url).slice(0, 256);
}
