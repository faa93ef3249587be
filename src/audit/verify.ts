import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { genesis, type Head, lineHash } from '../store/index.ts';

/** What a look through the lines of an audit came to. */
export interface Finding {
  /** Numbers of the first and the last record; 0 if there is none. */
  readonly first: number;
  readonly last: number;
  readonly records: number;
  /** What was changed, removed or put elsewhere; each names the line. Empty if the chain is whole. */
  readonly faults: readonly string[];
}

interface Line extends Head {
  readonly prev: string;
  /** `FILE:LINE`. */
  readonly where: string;
}

/**
 * Looks whether every record follows the one before it.
 * @param files      in order
 * @param signed     the head that the box vouched for, if it is known
 * @param beginning  whether the first line must be the first record of all
 */
export async function verifyAudit(files: readonly string[], signed: Head | undefined, beginning: boolean): Promise<Finding> {
  const look = new Look(signed);
  for (const file of files) {
    let number = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      look.line(text, `${basename(file)}:${++number}`);
    }
  }
  return look.end(beginning);
}

/** Two lines are held: which one of two that do not fit was changed is told by the one after them. */
class Look {
  readonly #signed: Head | undefined;
  readonly #faults: string[] = [];
  #first: Line | undefined;
  #before: Line | undefined;
  /** It does not fit the line before it. */
  #odd: { readonly before: Line; readonly line: Line } | undefined;
  #records = 0;
  #signedHash: string | undefined;

  constructor(signed: Head | undefined) {
    this.#signed = signed;
  }

  line(text: string, where: string): void {
    const line = parse(text, where);
    if (!line) {
      this.#settle(undefined);
      this.#faults.push(`${where}: was changed, it is no record`);
      return;
    }
    this.#records++;
    this.#first ??= line;
    if (line.seq === this.#signed?.seq) this.#signedHash = line.hash;
    this.#settle(line);
    this.#follow(line);
    this.#before = line;
  }

  #follow(line: Line): void {
    const before = this.#before;
    if (!before) return;
    const { seq, where } = line;
    if (seq > before.seq + 1) this.#faults.push(`${where}: ${numbers(before.seq + 1, seq - 1)} missing before record ${seq}`);
    else if (seq <= before.seq) this.#faults.push(`${where}: record ${seq} stands after record ${before.seq}, out of order or twice`);
    else if (line.prev !== before.hash) this.#odd = { before, line };
  }

  /** @param next  vouches for the line before it, if it names its hash */
  #settle(next: Line | undefined): void {
    const odd = this.#odd;
    this.#odd = undefined;
    if (!odd) return;
    const vouched = next ? next.seq === odd.line.seq + 1 && next.prev === odd.line.hash : this.#signed?.hash === odd.line.hash;
    const changed = vouched || !next ? odd.before : odd.line;
    this.#faults.push(`${changed.where}: record ${changed.seq} was changed`);
  }

  end(beginning: boolean): Finding {
    this.#settle(undefined);
    const first = this.#first?.seq ?? 0;
    const last = this.#before?.seq ?? 0;
    if (beginning && first > 1) this.#faults.unshift(`${this.#first?.where}: ${numbers(1, first - 1)} missing at the beginning`);
    if (beginning && first === 1 && this.#first?.prev !== genesis.hash) this.#faults.unshift(`${this.#first?.where}: record 1 was changed`);
    const signed = this.#signed;
    if (signed && signed.seq > last)
      this.#faults.push(`${numbers(last + 1, signed.seq)} missing at the end: the box signed record ${signed.seq}`);
    else if (signed && signed.seq >= first && this.#signedHash !== signed.hash && this.#faults.length === 0) {
      this.#faults.push(`record ${signed.seq} was changed: it is not the one that the box signed`);
    }
    return { first, last, records: this.#records, faults: this.#faults };
  }
}

function numbers(from: number, to: number): string {
  return from === to ? `record ${from} is` : `records ${from} to ${to} are`;
}

function parse(text: string, where: string): Line | undefined {
  try {
    const { seq, prev } = JSON.parse(text) as { seq?: unknown; prev?: unknown };
    if (!Number.isSafeInteger(seq) || typeof prev !== 'string') return undefined;
    return { seq: seq as number, prev, hash: lineHash(text), where };
  } catch {
    return undefined; // whatever it is, no box wrote it
  }
}
