import { CodedError } from '../../hosts/common/index.ts';

const path = '/v1';

/**
 * The URL of a box: a ws(s) URL, of which an empty path means /v1, or `HOST:PORT`; undefined for what is neither, a name.
 * @throws CodedError USAGE for what looks like one of them and is none
 */
export function boxUrl(target: string): string | undefined {
  if (/^wss?:\/\//i.test(target)) return checked(target);
  if (/^[a-z]+:\/\//i.test(target)) throw new CodedError('USAGE', `A box has a ws:// or wss:// URL, got '${target}'`);
  return /:\d+$/.test(target) ? checked(`ws://${target}`) : undefined;
}

/** `HOST:PORT`, also where the URL leaves out the usual port. */
export function addressOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'wss:' ? 443 : 80)}`;
}

function checked(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new CodedError('USAGE', `'${text}' is no URL of a box: write ws://HOST:PORT`);
  }
  if (url.hash || url.search || url.username) throw new CodedError('USAGE', `'${text}': the URL of a box has only host, port and path`);
  if (url.pathname === '/') url.pathname = path;
  return url.href;
}
