import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CodedError, errorText, TypedEmitter } from '../hosts/common/index.ts';
import { type BoxConnection, connect, keyPairSigner, type Signer } from './client/index.ts';
import { type DeployStatement, isKeyId, type KeyId, type KeyPair, parsePrivateKey } from './envelope/index.ts';
import { errors } from './errors.ts';
import { BoxIdentity } from './identity/index.ts';
import {
  type Closure,
  type Delivered,
  type DeployRequest,
  Push,
  StateWatch,
  type SwarmletSource,
  swarmletFrom,
  swarmletName,
  untilCompleted,
  untilHealthy,
} from './push/index.ts';

export interface PushParameters {
  /** A private key in OpenSSH format without passphrase, or the state folder of a box; '' for the box of this host. */
  readonly identity: string;
  /** `running`, `healthy` or `completed`. */
  readonly wait: string;
}

/** What is asked for; named after its main file unless it says otherwise. */
export type PushRequest = Omit<DeployRequest, 'swarmlet'> & { readonly swarmlet?: string };

export interface PusherEvents {
  deployed: [Delivered];
  rejected: [{ readonly code: string; readonly reason: string }];
  progress: [{ readonly step: 'collected' | 'connected' | 'running'; readonly swarmlet: string; readonly at: string }];
}

/** Pushes swarmlets to boxes, signed with the key of a box, for the accessor `deployment/Push`. */
export class Pusher extends TypedEmitter<PusherEvents> {
  readonly #parameters: PushParameters;
  readonly #ownKeys: () => Promise<KeyPair | undefined>;
  readonly #ending = new AbortController();

  /** @param ownKeys  of the box of this host, if it has one */
  constructor(parameters: PushParameters, ownKeys: () => Promise<KeyPair | undefined>) {
    super();
    this.#parameters = parameters;
    this.#ownKeys = ownKeys;
  }

  /**
   * One push; its outcome is an event.
   * @param swarmlet  a path, a class name, source text, or `{source, name, version, parameters, inputs, run, limits, capabilities}`
   * @param box       a URL, or `{url, id}`
   */
  push(swarmlet: unknown, box: unknown): void {
    this.#push(swarmlet, box).then(
      (delivered) => this.emit('deployed', delivered),
      (error) => {
        if (this.#ending.signal.aborted) return;
        const code = error instanceof CodedError ? error.code : 'FAILED';
        this.emit('rejected', { code, reason: errorText(error) });
      },
    );
  }

  async #push(swarmlet: unknown, box: unknown): Promise<Delivered> {
    const { source, request } = described(swarmlet);
    target(box); // before anything is collected
    return this.pushed(await swarmletFrom(source, { signal: this.#ending.signal }), request, box);
  }

  close(): void {
    this.#ending.abort(new CodedError('CLOSED', 'The pushing accessor wrapped up.'));
  }

  /**
   * One push of what was collected already; resolves with its outcome.
   * @param approve  throws for what is not to be signed
   * @throws CodedError
   */
  async pushed(closure: Closure, request: PushRequest, box: unknown, approve?: (statement: DeployStatement) => void): Promise<Delivered> {
    const { url, id } = target(box);
    const signer = await this.#signer();
    const { signal } = this.#ending;
    const asked: DeployRequest = { ...request, swarmlet: request.swarmlet ?? swarmletName(closure.main) };
    this.#progress('collected', asked.swarmlet);
    const open = (): Promise<BoxConnection> => connect(url, { signer, boxId: id, signal });
    const connection = await open();
    try {
      this.#progress('connected', asked.swarmlet);
      const delivered = await new Push(closure, asked, signer, { kind: 'seen' }, approve).toOne(connection, open);
      this.#progress('running', asked.swarmlet);
      await this.#wait(connection, delivered);
      return delivered;
    } finally {
      connection.close();
    }
  }

  async #wait(connection: BoxConnection, { swarmlet, digest }: Delivered): Promise<void> {
    const { wait } = this.#parameters;
    const { signal } = this.#ending;
    switch (wait) {
      case 'running':
        return;
      case 'healthy':
        return untilHealthy(await StateWatch.open(connection, swarmlet, digest), connection, swarmlet, signal);
      case 'completed':
        return untilCompleted(await StateWatch.open(connection, swarmlet, digest), connection, swarmlet, signal);
      default:
        throw errors.BAD_OPTION('wait', 'running, healthy or completed', wait);
    }
  }

  #progress(step: 'collected' | 'connected' | 'running', swarmlet: string): void {
    this.emit('progress', { step, swarmlet, at: new Date().toISOString() });
  }

  async #signer(): Promise<Signer> {
    const { identity } = this.#parameters;
    if (identity !== '') return keyPairSigner(readKeys(resolve(identity)));
    const own = await this.#ownKeys();
    if (!own) throw errors.BAD_OPTION('identity', 'a key file, as there is no box in this host whose key could sign', identity);
    return keyPairSigner(own);
  }
}

function readKeys(path: string): KeyPair {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return BoxIdentity.open(path).keys;
  try {
    return parsePrivateKey(readFileSync(path, 'utf8'));
  } catch (error) {
    throw errors.BAD_FILE(path, errorText(error), error);
  }
}

interface Described {
  readonly source: SwarmletSource;
  readonly request: PushRequest;
}

function described(swarmlet: unknown): Described {
  if (typeof swarmlet === 'string') return { source: sourceOf(swarmlet), request: {} };
  const { source, name, ...rest } = (swarmlet ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof source !== 'string') {
    throw errors.MALFORMED('swarmlet', 'expected a path, a class name, source text, or an object with one of them as "source"');
  }
  return { source: sourceOf(source), request: { ...(rest as object), ...(typeof name === 'string' && { swarmlet: name }) } };
}

/** Source text has lines or statements; a path or a class name has neither. */
function sourceOf(text: string): SwarmletSource {
  return /[\n;{]/.test(text) ? { kind: 'code', code: text, main: 'Swarmlet.js' } : { kind: 'file', name: text };
}

function target(box: unknown): { readonly url: string; readonly id: KeyId | undefined } {
  const { url, id } = typeof box === 'string' ? { url: box, id: undefined } : ((box ?? {}) as { url?: unknown; id?: unknown });
  if (typeof url !== 'string' || !/^wss?:\/\//.test(url)) throw errors.MALFORMED('box', 'expected a URL ws://HOST:PORT, or {url, id}');
  if (id !== undefined && !isKeyId(id)) throw errors.MALFORMED('box.id', 'expected a fingerprint SHA256:...');
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = '/v1';
  return { url: address.href, id };
}
