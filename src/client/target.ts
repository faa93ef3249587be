import { CodedError } from '../../hosts/common/index.ts';
import type { KnownBoxes } from './known-boxes.ts';

const path = '/v1';

/**
 * The URL of a box as a person names it: a ws(s) URL, `HOST:PORT`, or a host in `known_boxes`.
 * @throws CodedError USAGE, NOT_FOUND
 */
export function boxUrl(target: string, known: KnownBoxes): string {
  if (/^wss?:\/\//i.test(target)) return checked(target);
  if (/^[a-z]+:\/\//i.test(target)) throw new CodedError('USAGE', `--to takes a ws:// or wss:// URL, got '${target}'`);
  if (/^label:/.test(target))
    throw new CodedError('UNSUPPORTED', `'${target}': boxes cannot be found by label yet; give their URLs, ws://HOST:PORT`);
  const [address, other] = known.find(target);
  if (other !== undefined) throw new CodedError('USAGE', `'${target}' may be ${address} or ${other}: say which, with its port`);
  if (address !== undefined) return checked(`ws://${address}`);
  if (/:\d+$/.test(target)) return checked(`ws://${target}`);
  throw new CodedError('NOT_FOUND', `No box is known by the name '${target}' in ${known.file}: give its URL, ws://HOST:PORT`);
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
