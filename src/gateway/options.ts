/** Bounds of the deployment listener (PROTOCOL 4 and 7). */
export interface GatewayOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM; undefined: no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Values of `Origin` that may connect; pages of browsers send it, other clients do not. */
  readonly origins: readonly string[];
  /** Bytes of one message, its fragments together, once its sender is known. */
  readonly frameBytes: number;
  /** The same before authentication, with all that its sender sends besides. */
  readonly strangerBytes: number;
  /** For the HTTP request, and again for the authentication. */
  readonly handshakeMs: number;
  /** For one message, from its first byte to its last. */
  readonly messageMs: number;
  /** Wrong attempts after which a stranger's connection is closed. */
  readonly attempts: number;
  /** Connections without authentication, of one address and of all. */
  readonly strangersOfAddress: number;
  readonly strangers: number;
  /** Connections with authentication. */
  readonly peers: number;
  /** Bytes that wait for a slow reader before notifications are dropped and no further call is read. */
  readonly bufferedBytes: number;
  /** A reader that takes nothing at all for so long is closed. */
  readonly stalledMs: number;
  /** Calls of one connection that are not answered yet. */
  readonly openCalls: number;
  /** Swarmlets that one connection watches. */
  readonly watched: number;
  /** Refused statements at once, and how many a second come back. */
  readonly refusals: number;
  readonly refusalsPerSecond: number;
  /** How often a connection is read that has many statements refused. */
  readonly paceMs: number;
}

export const gatewayDefaults: GatewayOptions = Object.freeze({
  host: '127.0.0.1',
  port: 0,
  origins: [],
  frameBytes: 4 * 1024 * 1024,
  strangerBytes: 64 * 1024,
  handshakeMs: 5000,
  messageMs: 120_000,
  attempts: 3,
  strangersOfAddress: 16,
  strangers: 64,
  peers: 1024,
  bufferedBytes: 1024 * 1024,
  stalledMs: 30_000,
  openCalls: 512,
  watched: 1024,
  refusals: 200,
  refusalsPerSecond: 100,
  paceMs: 25,
});
