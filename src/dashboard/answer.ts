import type { Writable } from 'node:stream';

/** What a route answers with. Headers given here come in place of the usual ones. */
export type Answer =
  | {
      readonly kind: 'whole';
      readonly status: number;
      readonly type: string;
      readonly body: string | Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'stream';
      readonly type: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Called once, after the headers; `out` emits `close` when the client is gone or the box ends. */
      begin(out: Writable): void;
    };

/** One line for people. */
export function text(status: number, line: string): Answer {
  return { kind: 'whole', status, type: 'text/plain; charset=utf-8', body: `${line}\n` };
}

export function json(value: unknown, status = 200): Answer {
  return { kind: 'whole', status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}
