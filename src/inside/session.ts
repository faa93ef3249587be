import { CodedError, errorText } from '../../hosts/common/index.ts';
import type { HostService, ServiceSession } from '../../hosts/node/isolate/index.ts';
import { errors, isServiceError } from '../errors.ts';
import { TokenBucket } from '../gateway/index.ts';
import type { Version } from '../store/index.ts';
import type { BoxInside } from './box-inside.ts';
import { BoxesInside } from './boxes-inside.ts';
import { Room } from './collection.ts';
import { DeployerInside } from './deployer-inside.ts';
import { libraryText } from './library.ts';
import { messageSchema } from './messages.ts';
import { PusherInside } from './pusher-inside.ts';

/** Of one swarmlet; more would be a defect of it. */
const MOST_PARTS = 64;
const MOST_PENDING = 64;
/** Statements: so many at once, and so many a second, as the refused ones of a connection. */
const RATE = { atOnce: 200, perSecond: 100 };

/** A deployer or a pusher of the swarmlet. */
export interface InsidePart {
  call(method: string, args: readonly unknown[]): Promise<void>;
  /** A piece of a file that the next call is about. */
  file?(name: string, piece: string): void;
  /** That call was refused. */
  forget?(): void;
  close(): void;
}

/** The line of one part to the swarmlet, and what it may do. */
export interface PartLine {
  readonly version: Version;
  readonly box: BoxInside;
  readonly room: Room;
  emit(event: string, ...args: unknown[]): void;
}

const parts = { deployer: DeployerInside, pusher: PusherInside, boxes: BoxesInside };
type PartKind = keyof typeof parts;

/** The module `deployment` for one version of a swarmlet. */
export function deploymentService(version: Version, box: BoxInside): HostService {
  return { open: (tell) => new Session(version, box, tell) };
}

class Session implements ServiceSession {
  readonly #version: Version;
  readonly #box: BoxInside;
  readonly #tell: (message: unknown) => void;
  readonly #parts = new Map<number, InsidePart>();
  readonly #room = new Room();
  readonly #rate = new TokenBucket(RATE.atOnce, RATE.perSecond);
  #pending = 0;

  constructor(version: Version, box: BoxInside, tell: (message: unknown) => void) {
    this.#version = version;
    this.#box = box;
    this.#tell = tell;
  }

  take(message: unknown): boolean {
    const parsed = messageSchema.safeParse(message);
    if (!parsed.success) return false;
    const said = parsed.data;
    switch (said.type) {
      case 'make':
        if (this.#parts.has(said.part)) return false;
        this.#make(said.part, said.kind, said.parameters);
        return true;
      case 'file':
        this.#parts.get(said.part)?.file?.(said.name, said.piece);
        return true;
      case 'call':
        this.#call(said.part, said.method, said.args);
        return true;
      case 'close':
        this.#parts.get(said.part)?.close();
        this.#parts.delete(said.part);
        return true;
      case 'class':
        this.#tell({ type: 'class', file: said.file, text: libraryText(said.file) });
        return true;
    }
  }

  close(): void {
    for (const part of this.#parts.values()) part.close();
    this.#parts.clear();
  }

  #emit(part: number, event: string, args: readonly unknown[]): void {
    this.#tell({ type: 'event', part, event, args });
  }

  #make(id: number, kind: PartKind, parameters: Readonly<Record<string, unknown>>): void {
    const emit: PartLine['emit'] = (event, ...args) => this.#emit(id, event, args);
    const line: PartLine = { version: this.#version, box: this.#box, room: this.#room, emit };
    try {
      if (this.#parts.size >= MOST_PARTS) throw errors.QUOTA_EXCEEDED('deployment accessors of a swarmlet', MOST_PARTS);
      this.#parts.set(id, new parts[kind](line, parameters));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      const { code, message } = error;
      this.#emit(id, kind === 'pusher' ? 'rejected' : 'failed', [{ code, message, reason: message }]);
    }
  }

  #refusal(method: string): Error | undefined {
    if (this.#pending >= MOST_PENDING) return errors.BUSY(`carrying out ${MOST_PENDING} calls of ${this.#version.statement.swarmlet}`);
    return method === 'provide' || this.#rate.take() ? undefined : errors.RATE_LIMITED('statements');
  }

  #call(id: number, method: string, args: readonly unknown[]): void {
    const part = this.#parts.get(id);
    if (!part) return; // closed, or never opened: it was told then
    const refuse = (error: unknown): void => {
      if (!isServiceError(error) && !(error instanceof CodedError)) throw error;
      const { principal } = this.#version;
      this.#emit(id, 'rejected', [{ code: error.code, reason: errorText(error), principal }]);
    };
    const refusal = this.#refusal(method);
    if (refusal) {
      part.forget?.();
      refuse(refusal);
      return;
    }
    this.#pending++;
    part
      .call(method, args)
      .finally(() => this.#pending--)
      .catch(refuse);
  }
}
