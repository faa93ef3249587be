import type { Greeting } from '../client/index.ts';
import type { KeyId } from '../envelope/index.ts';
import type { Sighting } from './sighting.ts';

/** What came of asking at an address. */
export type Contact =
  | { readonly kind: 'answered'; readonly greeting: Greeting; readonly at: number } // Unix milliseconds
  | { readonly kind: 'silent'; readonly why: string; readonly last: number | undefined };

/** A box out there, put together from all that sources and the box itself say of it. */
export interface Box {
  /** Undefined as long as nobody said it: nothing tells then whether two entries are one box. */
  readonly id: KeyId | undefined;
  readonly name: string | undefined;
  /** Its name is claimed by another box too. */
  readonly ambiguous: boolean;
  /** Where it takes deployments; where it answered first. */
  readonly urls: readonly string[];
  /** What the box says, and what sources say of it. */
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string | undefined;
  readonly adminPort: number | undefined;
  readonly sources: readonly string[];
  /** When it last answered; Unix milliseconds. */
  readonly lastSeen: number | undefined;
  /** Why it cannot be reached. */
  readonly problem: string | undefined;
}

/**
 * One box for each identity, whatever names and addresses it has; entries without one are told apart by their address.
 * @param contacts  by URL
 */
export function boxesOf(sightings: readonly Sighting[], contacts: ReadonlyMap<string, Contact>): Box[] {
  const claimed = new Map(sightings.flatMap(({ url, id }) => (id === undefined ? [] : [[url, id]])));
  /** Whoever asked for an identity gets that one or none: what answers there instead is another box. */
  const identityOf = ({ id, url }: Sighting): KeyId | undefined => {
    const contact = contacts.get(url);
    return id ?? (contact?.kind === 'answered' ? contact.greeting.id : claimed.get(url));
  };
  const groups = new Map<string, [Sighting, ...Sighting[]]>();
  for (const sighting of sightings) {
    const key = identityOf(sighting) ?? sighting.url;
    const group = groups.get(key);
    if (group) group.push(sighting);
    else groups.set(key, [sighting]);
  }
  const boxes = [...groups.values()].map((group) => boxOf(group, identityOf(group[0]), contacts));
  const claims = new Map<string, number>();
  for (const { id, name } of boxes) if (id !== undefined && name !== undefined) claims.set(name, (claims.get(name) ?? 0) + 1);
  return boxes
    .map((box) => ({ ...box, ambiguous: box.name !== undefined && (claims.get(box.name) ?? 0) > 1 }))
    .sort((a, b) => compare(a.name ?? '~', b.name ?? '~'));
}

function boxOf(group: readonly Sighting[], id: KeyId | undefined, contacts: ReadonlyMap<string, Contact>): Box {
  const urls = [...new Set(group.map(({ url }) => url))];
  const answers = urls.flatMap((url) => {
    const contact = contacts.get(url);
    return contact?.kind === 'answered' && contact.greeting.id === id ? [{ url, ...contact }] : [];
  });
  const [answer] = answers;
  const first = <T>(pick: (sighting: Sighting) => T | undefined): T | undefined => group.map(pick).find((value) => value !== undefined);
  return {
    id,
    name: answer?.greeting.name ?? first(({ name }) => name),
    ambiguous: false,
    urls: [...new Set([...answers.map(({ url }) => url), ...urls])],
    labels: Object.assign({}, ...group.map(({ labels }) => labels), answer?.greeting.labels),
    version: answer?.greeting.version ?? first(({ version }) => version),
    adminPort: first(({ adminPort }) => adminPort),
    sources: [...new Set(group.map(({ source }) => source))],
    lastSeen: answer?.at ?? lastOf(urls, contacts),
    problem: answer ? undefined : problemOf(urls, contacts),
  };
}

function lastOf(urls: readonly string[], contacts: ReadonlyMap<string, Contact>): number | undefined {
  const times = urls.flatMap((url) => {
    const contact = contacts.get(url);
    return contact?.kind === 'silent' && contact.last !== undefined ? [contact.last] : [];
  });
  return times.length > 0 ? Math.max(...times) : undefined;
}

function problemOf(urls: readonly string[], contacts: ReadonlyMap<string, Contact>): string | undefined {
  const problems = urls.flatMap((url) => {
    const contact = contacts.get(url);
    if (!contact) return [];
    return [contact.kind === 'silent' ? contact.why : `another box, ${contact.greeting.id}, answers at ${url}`];
  });
  return problems[0];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param selector  `room=545`, several joined by commas; all must hold */
export function hasLabels({ labels }: Pick<Box, 'labels'>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
}
