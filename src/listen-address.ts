import { errors } from './errors.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * `HOST:PORT`, an IPv6 address in brackets; port 0 stands for any free one.
 * @param name  of the option, for the message
 * @throws BAD_OPTION
 */
export function parseListen(text: string, name: string): ListenAddress {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  const host = found?.[1] ?? found?.[2];
  if (host === undefined || port > 65535) throw errors.BAD_OPTION(name, 'HOST:PORT, such as 0.0.0.0:7927', text);
  return { host, port };
}

/** `HOST:PORT` where a program on this machine reaches it. */
export function reachable({ host, port }: ListenAddress): string {
  const here = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${here.includes(':') ? `[${here}]` : here}:${port}`;
}

/** True if nobody but programs of this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
