import { WebSocket } from 'ws';
import { CodedError, errorText } from '../../hosts/common/index.ts';
import {
  decodeBase64,
  type KeyId,
  leadsTo,
  namespaces,
  type PublicKey,
  parsePublicKey,
  parseSshSignature,
  verifySsh,
} from '../envelope/index.ts';
import { BoxConnection } from './connection.ts';
import { clientErrors } from './errors.ts';
import type { KnownBoxes } from './known-boxes.ts';
import { authenticated, type Hello, hello } from './messages.ts';
import { Rpc } from './rpc.ts';
import type { Signer } from './signer.ts';
import { common, freshNonce, type Signed, signStatement } from './signing.ts';
import { addressOf } from './target.ts';

export interface ConnectOptions {
  readonly signer: Signer;
  /** Where boxes are remembered; undefined: `boxId` alone says who is meant. */
  readonly knownBoxes?: KnownBoxes;
  /** The box must have it; who gives it is sure of the box. */
  readonly boxId?: KeyId | undefined;
  /** The same, by hearsay: a source says that this box is there. */
  readonly expectedId?: KeyId | undefined;
  /** The name by which it is remembered; undefined: its address. */
  readonly knownAs?: string | undefined;
  /** Refuse a box that is neither in `knownBoxes` nor given by `boxId`, and do not record it. */
  readonly onlyKnown?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** PEM: whose certificates count for wss, instead of those that Node knows. */
  readonly ca?: string | undefined;
}

const openMs = 10_000;
/** A box closes a connection on which nobody has authenticated for 5 s; its nonce is good for 120 s on any connection. */
const patienceMs = 4_000;
const frameBytes = 4 * 1024 * 1024;

/** The first message of a box, and on what it came. */
export interface Opened {
  readonly rpc: Rpc;
  readonly hello: Hello;
  readonly key: PublicKey;
}

/**
 * Opens an authenticated connection to a box, and makes sure that it is the box it was before.
 * @param url  ws or wss, with a path
 * @throws CodedError BOX_NOT_REACHED, BOX_CHANGED, WRONG_BOX, BOX_UNPROVEN, BOX_UNCONFIRMED; those of the signer; UNTRUSTED_KEY and others of the box
 */
export async function connect(url: string, options: ConnectOptions): Promise<BoxConnection> {
  let opened = await open(url, options);
  try {
    const known = identify(opened, options);
    const since = Date.now();
    const challenge = await signChallenge(opened.hello, options.signer);
    if (opened.rpc.ended || Date.now() - since > patienceMs) opened = await reopen(opened, url, options);
    let principal: string;
    try {
      principal = await prove(opened, challenge, options.signal);
    } catch (error) {
      // The box had closed it just before, and nobody here knew yet. Did it see the challenge, it says so the second time.
      if (!isLost(error)) throw error;
      opened = await reopen(opened, url, options);
      principal = await prove(opened, challenge, options.signal);
    }
    const secure = url.startsWith('wss:');
    const knownAs = options.knownAs ?? opened.rpc.address;
    if (!known) options.knownBoxes?.add(knownAs, opened.key, secure);
    const renewed = options.knownBoxes?.renew(knownAs, opened.key, secure) ?? false;
    const { signer, signal } = options;
    const { id } = opened.key;
    const confirmed = known || options.boxId !== undefined;
    const again = (): Promise<BoxConnection> => connect(url, { ...options, boxId: id });
    return new BoxConnection(opened.rpc, {
      hello: opened.hello,
      principal,
      firstContact: !known,
      renewed,
      confirmed,
      signer,
      signal,
      again,
    });
  } catch (error) {
    opened.rpc.close();
    throw error;
  }
}

/** True if the box is one that was expected. Looked at before anything is signed for it. */
function identify(
  { rpc, key, hello: { box } }: Opened,
  { knownBoxes, boxId, expectedId, knownAs = rpc.address, onlyKnown }: ConnectOptions,
): boolean {
  const successions = box.successions ?? [];
  if (boxId !== undefined && !leadsTo(successions, boxId, key.id)) throw clientErrors.WRONG_BOX(rpc.address, boxId, '--box-id', key.id);
  if (expectedId !== undefined && !leadsTo(successions, expectedId, key.id))
    throw clientErrors.WRONG_BOX(rpc.address, expectedId, 'discovery', key.id);
  const known = knownBoxes ? knownBoxes.has(knownAs, key, successions) || knownBoxes.wasAt(rpc.address, key) : boxId !== undefined;
  if (!known && onlyKnown && boxId === undefined) throw clientErrors.BOX_UNCONFIRMED(rpc.address, key.id);
  return known;
}

interface Challenge extends Signed {
  readonly nonce: string;
  readonly clientNonce: string;
}

async function signChallenge({ box, nonce }: Hello, signer: Signer): Promise<Challenge> {
  const clientNonce = freshNonce();
  const signed = await signStatement({ action: 'authenticate', ...common([box.id]), nonce, clientNonce }, signer);
  return { ...signed, nonce, clientNonce };
}

/** The signer took long: the same box, a new connection. */
async function reopen(before: Opened, url: string, options: ConnectOptions): Promise<Opened> {
  before.rpc.close();
  const opened = await open(url, options);
  if (!opened.key.blob.equals(before.key.blob)) {
    opened.rpc.close();
    throw clientErrors.BOX_UNPROVEN(opened.rpc.address, 'another box answered the second time');
  }
  return opened;
}

/** Sends the signed challenge and checks the answer: the box signs our nonce, its own and the key for sealed values. */
async function prove(
  { rpc, hello: { box }, key }: Opened,
  { envelope, nonce, clientNonce }: Challenge,
  signal: AbortSignal | undefined,
): Promise<string> {
  const answer = authenticated.safeParse(await rpc.call('authenticate', { envelope }, openMs, signal));
  if (!answer.success) throw clientErrors.BOX_UNPROVEN(rpc.address, 'its answer is not of this protocol');
  const message = Buffer.from(`${clientNonce}\n${nonce}\n${box.sealKey}`);
  if (!isSignedBy(key, answer.data.signature, message)) throw clientErrors.BOX_UNPROVEN(rpc.address, 'its signature is not good');
  return answer.data.principal;
}

function isLost(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'CONNECTION_LOST';
}

function isSignedBy(key: PublicKey, base64: string, message: Buffer): boolean {
  try {
    const signature = parseSshSignature(decodeBase64(base64, 'signature'));
    return verifySsh(signature, key, namespaces.box, message, { requirePresence: false });
  } catch {
    return false; // whatever is wrong with its form
  }
}

// ------------------------------------------------------------------------------------------ the socket

/** The box is not proved to be who it says: that takes `connect`. */
export function open(url: string, { signal, ca }: Pick<ConnectOptions, 'signal' | 'ca'>): Promise<Opened> {
  const socket = new WebSocket(url, 'swarmlet.v1', {
    perMessageDeflate: false,
    maxPayload: frameBytes,
    handshakeTimeout: openMs,
    followRedirects: false,
    ...(ca !== undefined && { ca }),
  });
  const rpc = new Rpc(socket, addressOf(url));
  return new Promise<Opened>((resolve, reject) => {
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.terminate();
      reject(error);
    };
    const abort = (): void => fail(signal?.reason);
    const timer = setTimeout(() => fail(clientErrors.BOX_NOT_REACHED(url, `it did not say hello within ${openMs / 1000} s`)), openMs);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) return abort();
    socket.on('error', (error) => fail(clientErrors.BOX_NOT_REACHED(url, causeOf(error))));
    rpc.on('closed', (error) => fail(clientErrors.BOX_NOT_REACHED(url, error.message)));
    rpc.on('notification', (method, params) => {
      if (method !== 'hello') return;
      try {
        const opened = greeted(rpc, params);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        resolve(opened);
      } catch (error) {
        fail(error);
      }
    });
  });
}

function greeted(rpc: Rpc, params: unknown): Opened {
  const parsed = hello.safeParse(params);
  if (!parsed.success) throw clientErrors.BOX_UNPROVEN(rpc.address, 'its hello is not of this protocol');
  const { box } = parsed.data;
  const [type = '', base64 = ''] = box.publicKey.split(' ');
  let key: PublicKey;
  try {
    key = parsePublicKey(type, base64);
  } catch (error) {
    throw clientErrors.BOX_UNPROVEN(rpc.address, errorText(error));
  }
  if (key.id !== box.id) throw clientErrors.BOX_UNPROVEN(rpc.address, `its id ${box.id} is not that of its key, ${key.id}`);
  return { rpc, hello: parsed.data, key };
}

/** A certificate that nobody known vouches for. */
const unverified: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** `connect ECONNREFUSED 127.0.0.1:7927`; of several addresses that were tried, all. */
function causeOf(error: Error): string {
  const { errors } = error as AggregateError;
  return Array.isArray(errors) && errors.length > 0
    ? errors.map(errorText).join(', ')
    : unverified.has((error as NodeJS.ErrnoException).code ?? '')
      ? `${errorText(error)}; if that is right, give the certificate with --ca FILE`
      : errorText(error) || (error as NodeJS.ErrnoException).code || 'no reason given';
}
