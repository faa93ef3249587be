import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { EdgeScope } from '../../edge/index.ts';
import { trustedCertificates } from './certificates.ts';

/** Where a server is, and how it is reached. */
export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly sslTls: boolean;
  readonly trustAll: boolean;
  readonly trustedCACertPath: string;
}

/** What TLS takes as options; undefined: the server is not to be asked for TLS. */
export async function tlsOptions(edge: EdgeScope, options: ServerOptions): Promise<ConnectionOptions | undefined> {
  if (!options.sslTls) return undefined;
  return { ...(await trustedCertificates(edge, options)), rejectUnauthorized: !options.trustAll };
}

/** A stream for clients that take it for a socket of their own: what they would do to that is done already, or not offered here. */
export function asSocket(stream: Duplex): Duplex {
  return Object.assign(stream, { connect() {}, setNoDelay() {}, setKeepAlive() {}, ref() {}, unref() {} });
}
