import { createHash } from 'node:crypto';

/** What a record says, in JSON; the chain adds number, time and the hash of the record before. */
export type AuditFields = Readonly<Record<string, unknown>>;

/** The newest record: what is signed to vouch for all before it. */
export interface Head {
  readonly seq: number;
  /** SHA-256 of the line, hex. */
  readonly hash: string;
}

/** Of a chain without records. */
export const genesis: Head = Object.freeze({ seq: 0, hash: '0'.repeat(64) });

// Controls, marks that turn or hide text, lone surrogates: JSON escapes only some of them.
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function lineHash(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Turns records into lines of which each names the hash of the one before it (PROTOCOL 8). */
export class Chain {
  head: Head;

  constructor(head: Head = genesis) {
    this.head = head;
  }

  /** @param at  RFC 3339, UTC */
  add(at: string, fields: AuditFields): string {
    const seq = this.head.seq + 1;
    const json = JSON.stringify({ seq, at, prev: this.head.hash, ...fields });
    const line = json.replace(hidden, (character) =>
      Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
    );
    this.head = { seq, hash: lineHash(line) };
    return line;
  }
}

/** What a box signs to vouch for its audit up to a record. */
export function headMessage({ seq, hash }: Head): Buffer {
  return Buffer.from(`swarmlet audit\n${seq}\n${hash}`);
}
