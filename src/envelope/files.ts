import { createHash } from 'node:crypto';
import { errors } from '../errors.ts';

export interface FileEntry {
  /** Bare hex, lower case. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** The source itself, in UTF-8; without it the file travels as a blob named by its digest. */
  readonly text?: string | undefined;
}

/** The entry of a file that travels inline. */
export function fileEntry(text: string): FileEntry {
  const bytes = Buffer.from(text);
  return { sha256: hexDigest(bytes), size: bytes.length, text };
}

/**
 * Checks that these bytes are the file that the statement names.
 * @throws DIGEST_MISMATCH
 */
export function checkFile(name: string, entry: FileEntry, bytes: Uint8Array): void {
  if (bytes.length !== entry.size) throw errors.DIGEST_MISMATCH(name, entry.size, bytes.length);
  const digest = hexDigest(bytes);
  if (digest !== entry.sha256) throw errors.DIGEST_MISMATCH(name, entry.sha256, digest);
}

/**
 * The SHA-256, as `sha256:HEX`, over the lines `name NUL sha256 LF`, main first, then sorted by name as UTF-8: equal for equal code.
 */
export function contentDigest(main: string, files: Readonly<Record<string, Pick<FileEntry, 'sha256'>>>): string {
  const hash = createHash('sha256');
  const rest = Object.keys(files).filter((name) => name !== main);
  rest.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const name of [main, ...rest]) hash.update(`${name}\0${files[name]?.sha256}\n`);
  return `sha256:${hash.digest('hex')}`;
}

function hexDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
