import { type Failure, failureOf } from './failure.ts';
import type { Entry, Folder } from './folder.ts';

/** The most data in one call or answer. */
export const callBytes = 1024 * 1024;
/** A call is no longer than that, an answer neither but for the names in a folder. */
export const callCap = callBytes + 64 * 1024;

/** What a swarmlet asks of its folder; data to be written stand behind it. */
export type FolderCall =
  | { readonly op: 'read'; readonly path: string; readonly at: number }
  /** Of the package's code, which is in no folder of a swarmlet: the file of that name. */
  | { readonly op: 'part'; readonly path: string; readonly at: number }
  | { readonly op: 'write' | 'append' | 'remove' | 'make' | 'stat' | 'list'; readonly path: string }
  | { readonly op: 'rename'; readonly path: string; readonly to: string };

export interface FolderAnswer {
  readonly error?: Failure;
  readonly entries?: readonly Entry[];
  /** Of what is read: bytes of the whole file. */
  readonly bytes?: number;
}

/** The length of the JSON text in 4 bytes, the text, the data. */
export function pack(head: FolderCall | FolderAnswer, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, data]);
}

/** @throws Error if it was not packed so */
export function unpack(bytes: Buffer): { readonly head: unknown; readonly data: Buffer } {
  const end = 4 + bytes.readUInt32BE(0);
  if (end > bytes.length) throw new RangeError('a call that is cut off');
  return { head: JSON.parse(bytes.toString('utf8', 4, end)), data: bytes.subarray(end) };
}

const ops = ['read', 'part', 'write', 'append', 'remove', 'make', 'stat', 'list', 'rename'];

/** Undefined: no call. */
export function parseCall(bytes: Buffer): { readonly call: FolderCall; readonly data: Buffer } | undefined {
  try {
    const { head, data } = unpack(bytes);
    const { op, path, at = 0, to = '' } = head as Readonly<Record<string, unknown>>;
    const isCall = ops.includes(op as string) && typeof path === 'string' && Number.isSafeInteger(at) && typeof to === 'string';
    return isCall && (at as number) >= 0 ? { call: { op, path, at, to } as FolderCall, data } : undefined;
  } catch {
    return undefined; // cut off, no JSON, or no object
  }
}

/** Does what a call asks for. */
export function answerTo(folder: Folder, call: FolderCall, data: Buffer): Buffer {
  try {
    return done(folder, call, data);
  } catch (error) {
    return pack({ error: failureTo(call, error as NodeJS.ErrnoException) });
  }
}

/** The system's errors name the path on the box, which is nobody's business inside. */
function failureTo({ op, path }: FolderCall, error: NodeJS.ErrnoException): Failure {
  const { message, code } = failureOf(error);
  return { message: error.syscall === undefined ? message : `${message.replace(/, .*/s, '')}, ${op} '${path}'`, ...(code && { code }) };
}

function done(folder: Folder, call: FolderCall, data: Buffer): Buffer {
  switch (call.op) {
    case 'read': {
      const whole = folder.read(call.path);
      return pack({ bytes: whole.length }, whole.subarray(call.at, call.at + callBytes));
    }
    case 'part':
      throw Object.assign(new Error('a folder has no parts of the package'), { code: 'EINVAL' });
    case 'list':
      return pack({ entries: folder.list(call.path) });
    case 'stat': {
      const entry = folder.stat(call.path);
      return pack({ entries: entry ? [entry] : [] });
    }
    case 'rename':
      folder.rename(call.path, call.to);
      return pack({});
    case 'write':
    case 'append':
      folder[call.op](call.path, data);
      return pack({});
    default:
      folder[call.op](call.path);
      return pack({});
  }
}
