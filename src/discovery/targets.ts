import { CodedError } from '../../hosts/common/index.ts';
import { boxUrl, type KnownBoxes } from '../client/index.ts';
import type { KeyId } from '../envelope/index.ts';
import { type Box, hasLabels } from './box.ts';

/** What somebody means when he says for which boxes something is. */
export type Wish =
  | { readonly kind: 'named'; readonly name: string } // a URL, HOST:PORT, a host in known_boxes, a name
  | { readonly kind: 'labels'; readonly labels: Readonly<Record<string, string>> } // all must match
  | { readonly kind: 'local' } // found by multicast DNS
  | { readonly kind: 'all' };

/** A box that was meant, and where it is. */
export interface Target {
  /** For people. */
  readonly name: string;
  readonly url: string;
  /** Whom a source says to be there; undefined: nobody was asked. */
  readonly id: KeyId | undefined;
  /** By which it is remembered instead of its address. */
  readonly knownAs: string | undefined;
  /** Labels by which it was chosen, if it was. */
  readonly chosenBy: Readonly<Record<string, string>> | undefined;
}

/** `label:room=545,floor=5`, or anything else as a name. @throws CodedError USAGE */
export function wishOf(text: string): Wish {
  return text.startsWith('label:') ? { kind: 'labels', labels: selectorOf(text.slice('label:'.length)) } : { kind: 'named', name: text };
}

/** `room=545,floor=5` @throws CodedError USAGE */
export function selectorOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new CodedError('USAGE', `A label is KEY=VALUE, such as room=545; got '${text}'`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

/**
 * The boxes that are meant, each once.
 * @param look  finds the boxes out there; only called when they are needed, and once
 * @throws CodedError USAGE, NOT_FOUND, AMBIGUOUS
 */
export async function targetsFor(wishes: readonly Wish[], known: KnownBoxes, look: () => Promise<readonly Box[]>): Promise<Target[]> {
  let looking: Promise<readonly Box[]> | undefined;
  const boxes = (): Promise<readonly Box[]> => {
    looking ??= look();
    return looking;
  };
  const found: Target[] = [];
  for (const wish of wishes) {
    const address = wish.kind === 'named' ? addressed(wish.name, known) : undefined;
    found.push(...(address ? [address] : chosen(wish, await boxes())));
  }
  return [...new Map(found.reverse().map((target) => [target.id ?? target.url, target])).values()].reverse();
}

/** A name that needs no search; undefined for others. */
function addressed(name: string, known: KnownBoxes): Target | undefined {
  const about = { name, id: undefined, knownAs: undefined, chosenBy: undefined };
  const url = boxUrl(name);
  if (url !== undefined) return { ...about, url };
  const [found, other] = known.find(name);
  if (other !== undefined)
    throw new CodedError('USAGE', `'${name}' may be ${found?.address} or ${other.address}: say which, with its port`);
  return found && { ...about, url: found.url };
}

function chosen(wish: Wish, boxes: readonly Box[]): Target[] {
  switch (wish.kind) {
    case 'named':
      return [theOneCalled(wish.name, boxes)];
    case 'labels': {
      const some = boxes.filter((box) => hasLabels(box, wish.labels));
      const wanted = Object.entries(wish.labels).map(([name, value]) => `${name}=${value}`);
      if (some.length === 0) throw nothing(`has the label ${wanted.join(' and ')}`, boxes);
      return some.map((box) => ({ ...targetOf(box), chosenBy: wish.labels }));
    }
    case 'local': {
      const some = boxes.filter(({ sources }) => sources.some((source) => /^dns-sd\b/.test(source)));
      if (some.length === 0) throw nothing('announces itself on this network', boxes);
      return some.map(targetOf);
    }
    case 'all':
      if (boxes.length === 0) throw nothing('was found', boxes);
      return boxes.map(targetOf);
  }
}

function theOneCalled(name: string, boxes: readonly Box[]): Target {
  const called = boxes.filter((box) => box.name === name);
  const [one] = called;
  if (!one) throw nothing(`is called '${name}'`, boxes);
  if (called.length === 1) return targetOf(one);
  const who = called.map(({ id, urls }) => `${id ?? 'one that did not answer'} at ${urls[0]}`).join(', ');
  throw new CodedError('AMBIGUOUS', `'${name}' is claimed by several boxes: ${who}. Give the URL of the one that you mean.`);
}

function targetOf({ id, name, ambiguous, urls: [url = ''] }: Box): Target {
  const called = name === undefined || ambiguous ? undefined : name;
  // It goes into a file with an entry a line, whose other entries are addresses.
  const knownAs = called !== undefined && /^[^\s#:[\]]+$/.test(called) ? called : undefined;
  return { name: called ?? (name === undefined ? url : `${name} ${id ?? url}`), url, id, knownAs, chosenBy: undefined };
}

function nothing(what: string, boxes: readonly Box[]): CodedError {
  const names = [...new Set(boxes.map(({ name, urls }) => name ?? urls[0]))].slice(0, 10);
  const there = names.length > 0 ? `Found: ${names.join(', ')}.` : 'No box was found at all.';
  return new CodedError('NOT_FOUND', `No box ${what}. ${there} See: accessors boxes; or give a URL, ws://HOST:PORT`);
}
