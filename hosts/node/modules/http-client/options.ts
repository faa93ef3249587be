import { stringify } from 'node:querystring';

/** What accessors give (spec MODULES.md, http-client); a text is the URL. */
export type RequestOptions = string | { readonly [name: string]: unknown };

/** The same, looked through. */
export interface Request {
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  readonly method: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Uint8Array | null;
  readonly keepAlive: boolean;
  /** ms without a sign of the server; 0: any. */
  readonly timeout: number;
  readonly outputCompleteResponseOnly: boolean;
  /** The body is a Buffer whatever its type; for the host's own `getResource`. */
  readonly bytes: boolean;
  readonly rejectUnauthorized: boolean;
  /** Wrapup lets it go on, for as long as connections have for their last bytes. */
  readonly finishAtWrapup: boolean;
}

type Address = Pick<Request, 'protocol' | 'host' | 'port' | 'path'> & { readonly credentials?: string };

const TIMEOUT_MS = 5000;

/** @throws Error that names the option */
export function optionsOf(options: RequestOptions): Request {
  const given = typeof options === 'string' ? { url: options } : (options ?? {});
  const { url = {}, method = 'GET', headers = {}, timeout = TIMEOUT_MS } = given as Record<string, unknown>;
  const { body, keepAlive, outputCompleteResponseOnly, rejectUnauthorized, trustAll, finishAtWrapup, bytes } = given as Record<
    string,
    unknown
  >;
  const textual = typeof url === 'string' || url instanceof URL;
  const { credentials, ...address } = textual ? addressOfText(String(url)) : addressOf((url ?? {}) as Record<string, unknown>);
  const authorization = credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return {
    ...address,
    method: String(method).toUpperCase(),
    headers: { ...authorization, ...headersOf((headers ?? {}) as Record<string, unknown>) },
    body: bodyOf(body),
    keepAlive: keepAlive === true,
    timeout: Number(timeout) || 0,
    outputCompleteResponseOnly: outputCompleteResponseOnly !== false,
    bytes: bytes === true,
    rejectUnauthorized: rejectUnauthorized !== false && trustAll !== true,
    finishAtWrapup: finishAtWrapup === true,
  };
}

function addressOfText(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new Error(`The URL should be like http://host:port/path, got ${JSON.stringify(text)}`);
  const protocol = protocolOf(url.protocol);
  const path = url.pathname.replace(/\/$/, '');
  const credentials = url.username === '' ? {} : { credentials: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { protocol, host, port: portOf(url.port, protocol), path: rooted(path + url.search), ...credentials };
}

function addressOf(url: Record<string, unknown>): Address {
  const protocol = protocolOf(String(url.protocol ?? 'http'));
  const query = url.query ?? url.querystring;
  const text = typeof query === 'object' && query !== null ? stringify(query as Record<string, string>) : String(query ?? '');
  const path = String(url.path ?? '/');
  const joined = text === '' ? path : path + (path.includes('?') ? '&' : '?') + text.replace(/^[?&]/, '');
  return { protocol, host: String(url.host || 'localhost'), port: portOf(url.port, protocol), path: rooted(joined) };
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function protocolOf(text: string): 'http' | 'https' {
  const protocol = text.replace(/:.*$/, '').toLowerCase();
  if (protocol === 'http' || protocol === 'https') return protocol;
  throw new Error(`The protocol should be http or https, got ${JSON.stringify(text)}`);
}

function portOf(given: unknown, protocol: 'http' | 'https'): number {
  if (given === undefined || given === null || given === '') return protocol === 'https' ? 443 : 80;
  const port = Number(given);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Error(`The port should be a number from 1 to 65535, got ${JSON.stringify(given)}`);
}

/** A copy: the caller's object stays as it is. */
function headersOf(given: Record<string, unknown>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.map(String) : String(value)]),
  );
}

function bodyOf(body: unknown): string | Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}
