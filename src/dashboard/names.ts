import { isIP } from 'node:net';

/**
 * True if a request was meant for this server. A page elsewhere can make a name of its own mean this machine (DNS
 * rebinding); then the browser sends that name, while an address cannot be made to mean another. The port says nothing:
 * it is another one through a tunnel.
 * @param host   header `Host`
 * @param local  address that the connection came to
 * @param names  by which the server may be asked besides its addresses, in lower case
 */
export function isOurName(host: string | undefined, local: string | undefined, names: readonly string[]): boolean {
  const name = /^(\[[\da-fA-F:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(host ?? '')?.[1]?.toLowerCase();
  if (name === undefined) return false;
  const address = name.replace(/^\[|\]$/g, '');
  if (name === 'localhost' || address === '127.0.0.1' || address === '::1') return true;
  const here = local?.replace(/^::ffff:/, ''); // an IPv4 client of a listener for both
  return (isIP(address) !== 0 && address === here) || names.includes(name);
}

/** True unless a page of somebody else's made the browser ask. */
export function isOurOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`; // https: behind a proxy
}
