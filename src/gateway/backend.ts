import type { KeyId } from '../envelope/index.ts';
import type { Peer } from './peer.ts';

/** Who authenticated on a connection. */
export interface Identity {
  readonly keyId: KeyId;
  readonly principal: string;
  /** All names of this key. */
  readonly principals: readonly string[];
}

/** One call of the protocol. */
export interface Method {
  /** True if its parameters carry a signed statement, so that refusing it costs the box arithmetic. */
  readonly signed: boolean;
  /**
   * Rejects with what failed after it was accepted.
   * @returns ServiceError for a statement that is refused
   * @throws ServiceError for what is no good call
   */
  call(peer: Peer, params: Readonly<Record<string, unknown>>): unknown;
}

/** What the gateway asks of the service; it knows nothing of trust and of swarmlets itself. */
export interface Backend {
  readonly methods: ReadonlyMap<string, Method>;
  /** Parameters of the notification `hello`, fresh for each connection. */
  hello(): object;
  /**
   * @param address  where the caller is, for the audit
   * @throws ServiceError; to a stranger the same one for all that has to do with keys
   */
  authenticate(params: Readonly<Record<string, unknown>>, address: string): { readonly identity: Identity; readonly result: object };
  /**
   * Takes a file of a swarmlet; undefined if nobody asked this caller for it. Rejects when it cannot be stored.
   * @param bytes  one binary frame
   */
  blob(peer: Peer, bytes: Buffer): Promise<void> | undefined;
  /** Something was refused that no other function here has seen; there may be many of them. */
  countRefusal(address: string, code: string): void;
  /** An error of the box itself. */
  defect(error: unknown): void;
}
