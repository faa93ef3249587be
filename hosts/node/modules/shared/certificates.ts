import type { EdgeScope } from '../../edge/index.ts';

/** As the options of Node's TLS name them. */
export interface Certificates {
  pfx?: Buffer;
  passphrase?: string;
  ca?: Buffer;
}

/** Where accessors say that their certificates are; empty: none. */
interface Paths {
  readonly pfxKeyCertPath?: unknown;
  readonly pfxKeyCertPassword?: unknown;
  readonly trustedCACertPath?: unknown;
}

/** An own certificate with its key, as PKCS #12. */
export async function serverCertificates(edge: EdgeScope, paths: Paths): Promise<Certificates> {
  const path = String(paths.pfxKeyCertPath ?? '');
  if (path === '') return {};
  const passphrase = String(paths.pfxKeyCertPassword ?? '');
  return { pfx: await read(edge, path), ...(passphrase === '' ? {} : { passphrase }) };
}

/** Those who sign certificates of peers, instead of those that Node trusts. */
export async function trustedCertificates(edge: EdgeScope, paths: Paths): Promise<Certificates> {
  const path = String(paths.trustedCACertPath ?? '');
  return path === '' ? {} : { ca: await read(edge, path) };
}

async function read(edge: EdgeScope, path: string): Promise<Buffer> {
  try {
    return await edge.readFile(path);
  } catch (error) {
    throw new Error(`Cannot read the certificate ${path}: ${(error as Error).message}`, { cause: error });
  }
}
