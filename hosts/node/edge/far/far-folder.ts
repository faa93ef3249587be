import { errorOf } from '../failure.ts';
import type { Entry, Folder } from '../folder.ts';
import { callBytes, type FolderAnswer, type FolderCall, pack, unpack } from '../folder-call.ts';

/** Waits for the answer of the host: nothing else happens in the isolate meanwhile. */
export type Call = (call: Buffer) => Buffer;

/** A folder below the swarmlet's own, which the host holds. */
export class FarFolder implements Folder {
  readonly #call: Call;
  readonly #root: string;

  constructor(call: Call, root: string) {
    this.#call = call;
    this.#root = root.replace(/\/+$/, '');
  }

  read(path: string): Buffer {
    return readWhole(this.#call, 'read', this.#at(path));
  }

  write(path: string, data: Uint8Array): void {
    const file = this.#at(path);
    if (data.length <= callBytes) {
      this.#ask({ op: 'write', path: file }, data);
      return;
    }
    const unfinished = `${file}.unfinished`;
    try {
      this.#ask({ op: 'write', path: unfinished }, data.subarray(0, callBytes));
      for (let at = callBytes; at < data.length; at += callBytes) {
        this.#ask({ op: 'append', path: unfinished }, data.subarray(at, at + callBytes));
      }
      this.#ask({ op: 'rename', path: unfinished, to: file });
    } catch (error) {
      this.#ask({ op: 'remove', path: unfinished });
      throw error;
    }
  }

  append(path: string, data: Uint8Array): void {
    let at = 0;
    do {
      this.#ask({ op: 'append', path: this.#at(path) }, data.subarray(at, at + callBytes)); // once for nothing: the file is there then
      at += callBytes;
    } while (at < data.length);
  }

  remove(path: string): void {
    this.#ask({ op: 'remove', path: this.#at(path) });
  }

  rename(path: string, to: string): void {
    this.#ask({ op: 'rename', path: this.#at(path), to: this.#at(to) });
  }

  make(path: string): void {
    this.#ask({ op: 'make', path: this.#at(path) });
  }

  stat(path: string): Entry | undefined {
    return this.#ask({ op: 'stat', path: this.#at(path) }).head.entries?.[0];
  }

  list(path: string): Entry[] {
    return [...(this.#ask({ op: 'list', path: this.#at(path) }).head.entries ?? [])];
  }

  #at(path: string): string {
    return this.#root === '' ? path : `${this.#root}/${path}`;
  }

  #ask(call: FolderCall, data?: Uint8Array): Answer {
    return answerOf(this.#call, call, data);
  }
}

interface Answer {
  readonly head: FolderAnswer;
  readonly data: Buffer;
}

function answerOf(ask: Call, call: FolderCall, data?: Uint8Array): Answer {
  const { head, data: answered } = unpack(ask(pack(call, data)));
  const { error } = head as FolderAnswer;
  if (error) throw errorOf(error);
  return { head: head as FolderAnswer, data: answered };
}

/** A file, which comes in pieces. */
export function readWhole(ask: Call, op: 'read' | 'part', path: string): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, bytes = 1; at < bytes; ) {
    const { head, data } = answerOf(ask, { op, path, at });
    bytes = head.bytes ?? 0;
    if (data.length === 0) break;
    at += data.length;
    parts.push(data);
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}
