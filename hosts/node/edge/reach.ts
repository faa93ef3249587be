/** A host and port, as a capability names them: `*` stands for any part of the host, or for any port. */
export interface Place {
  readonly host: string;
  readonly port: number | '*';
}

/** What one swarmlet may reach outside its isolate. */
export interface Reach {
  /** TCP and UDP to there. */
  readonly connect: readonly Place[];
  /** TCP and UDP at these ports of this machine. */
  readonly listen: readonly (number | '*')[];
  /** Programs that may be run: `ip neigh show *` with these arguments, where `*` is one that is a word; `ip` with any; `*`: all. */
  readonly programs: readonly string[];
  readonly serial: boolean;
  /** May know the addresses of this machine. */
  readonly interfaces: boolean;
  /** A folder of its own. */
  readonly files: boolean;
}

export const nothing: Reach = Object.freeze({ connect: [], listen: [], programs: [], serial: false, interfaces: false, files: false });

/** @param host  a name or an address, without brackets */
export function isPlace(place: Place, host: string, port: number): boolean {
  return (place.port === '*' || place.port === port) && isHost(place.host, host);
}

export function isHost(pattern: string, host: string): boolean {
  const parts = plainHost(pattern).split('*');
  const name = plainHost(host);
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

export function isProgram(granted: string, command: string, args: readonly string[]): boolean {
  if (granted === '*') return true;
  const [name, ...words] = granted.split(' ');
  if (name !== command) return false;
  if (words.length === 0) return true;
  return words.length === args.length && words.every((word, i) => (word === '*' ? isWord(args[i] as string) : word === args[i]));
}

/** No option, and no way upwards. */
function isWord(text: string): boolean {
  return /^[\w:][\w.:+/]*$/.test(text) && !text.includes('..');
}

/** Names differ neither by case nor by the dot of the root; an address in brackets is that address. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/(?<=[^.])\.$/, '');
}
