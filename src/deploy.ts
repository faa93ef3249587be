import {
  type BoxConnection,
  boxUrl,
  chooseIdentity,
  connect as connectTo,
  KnownBoxes,
  type Signer,
  sshKeygenSigner,
} from './client/index.ts';
import type { Target } from './discovery/index.ts';
import type { KeyId } from './envelope/index.ts';
import { type Delivered, type DeployRequest, type Following, Push, type SwarmletSource, swarmletFrom, swarmletName } from './push/index.ts';

export { CodedError } from '../hosts/common/index.ts';
export {
  type BoxConnection,
  type Deployed,
  type HistoryEntry,
  KnownBoxes,
  keyPairSigner,
  type LogEvent,
  type LogLine,
  type OutputValue,
  type Signer,
  type StateChange,
  type Status,
  sshKeygenSigner,
} from './client/index.ts';
export { generateKeyPair, type KeyId, type KeyPair, parsePrivateKey } from './envelope/index.ts';
export type { Delivered, DeployRequest, Following, SwarmletSource } from './push/index.ts';

export interface ConnectOptions {
  /** Who signs; default: `identity`, by the OpenSSH of this machine. */
  readonly signer?: Signer;
  /** A private key file; default: the agent's first Ed25519 key, else `~/.ssh/id_ed25519`. */
  readonly identity?: string;
  /** The id that the box must have. */
  readonly boxId?: KeyId;
  /** Where boxes are remembered; default: the `known_boxes` of the user, as the command has it. */
  readonly knownBoxes?: KnownBoxes;
  /** PEM: whose certificates count for wss, instead of those that Node knows. */
  readonly ca?: string;
  readonly signal?: AbortSignal;
}

/**
 * Connects to a box; both sides prove who they are. Its methods are the calls of the protocol (`list`, `status`, `history`,
 * `logs`, `subscribe`, `change`, `input`), its events what a subscription brings.
 * @param target  `ws://HOST:PORT`, `HOST:PORT`, the host of a known box, or the name of one that the user's settings find
 * @throws CodedError
 */
export async function connect(target: string, options: ConnectOptions = {}): Promise<BoxConnection> {
  const { signal, boxId, ca, knownBoxes = KnownBoxes.ofUser(process.env) } = options;
  const signer = options.signer ?? (await ownSigner(options.identity, signal));
  const addressed = boxUrl(target);
  if (addressed !== undefined) return connectTo(addressed, { signer, knownBoxes, boxId, ca, signal });
  const { url, id, knownAs } = await find(target, knownBoxes, options);
  return connectTo(url, { signer, knownBoxes, boxId, expectedId: id, knownAs, ca, signal });
}

async function find(name: string, known: KnownBoxes, { ca, signal = new AbortController().signal }: ConnectOptions): Promise<Target> {
  const { lookUp, targetsFor } = await import('./discovery/index.ts'); // only for those who look
  const look = () => lookUp({ env: process.env, signal, ca, warn: () => {} });
  const [target] = await targetsFor([{ kind: 'named', name }], known, look);
  return target as Target;
}

/** Never asks anybody: a program has no terminal of its own. */
async function ownSigner(identity: string | undefined, signal: AbortSignal | undefined): Promise<Signer> {
  const asking = { env: process.env, canAsk: false, onSaid: (): void => {}, signal: signal ?? new AbortController().signal };
  return sshKeygenSigner(await chooseIdentity(identity, asking), asking);
}

/** What is asked for with a push; the name is by default that of the file, the version a patch above the last. */
export interface PushRequest extends Omit<DeployRequest, 'swarmlet'> {
  readonly swarmlet?: string;
  /** What it may take the place of; default: what is there when the push begins. */
  readonly following?: Following;
  /** Folders searched for classes before the library. */
  readonly accessorPath?: readonly string[];
  /** Files that go along, for `getResource`: paths below the folder of the swarmlet. */
  readonly files?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Pushes a swarmlet with everything that it needs, and resolves when it runs.
 * @param source  a file or class as `accessors push` takes it, or source text under a name
 * @throws CodedError of the box, of the connection, or of what stops a push before anything is sent
 */
export async function push(box: BoxConnection, source: string | SwarmletSource, request: PushRequest = {}): Promise<Delivered> {
  const { following, accessorPath = [], files = [], signal, ...asked } = request;
  const from: SwarmletSource = typeof source === 'string' ? { kind: 'file', name: source } : source;
  const closure = await swarmletFrom(from, { accessorPath, files, signal });
  const swarmlet = asked.swarmlet ?? swarmletName(closure.main);
  return new Push(closure, { ...asked, swarmlet }, box.signer, following).toOne(box);
}

/** What runs on a box, or ran there last. */
export const list = (box: BoxConnection): ReturnType<BoxConnection['list']> => box.list();

/**
 * Asks for `output` and `state` events of a swarmlet, which need not be there yet; they come as events of the connection.
 * @param what  all outputs or those that are named; states
 */
export const subscribe = (box: BoxConnection, swarmlet: string, what: Parameters<BoxConnection['subscribe']>[1]): Promise<void> =>
  box.subscribe(swarmlet, what);
