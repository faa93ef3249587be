import { checkFile } from '../envelope/index.ts';
import { errors } from '../errors.ts';
import { type BlobStore, blobOf } from './blobs.ts';
import type { Version } from './version.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The files of a version as text, those that travelled by digest from the store, each checked against what was signed.
 * @throws MISSING_BLOB, DIGEST_MISMATCH, MALFORMED for what is no text
 */
export async function contentsOf({ statement }: Version, blobs: Pick<BlobStore, 'get'>): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [name, entry] of Object.entries(statement.files)) {
    if (entry.text !== undefined) {
      texts.set(name, entry.text);
      continue;
    }
    const bytes = await blobs.get(blobOf(entry));
    if (!bytes) throw errors.MISSING_BLOB([blobOf(entry)]);
    checkFile(name, entry, bytes);
    texts.set(name, textOf(name, bytes));
  }
  return texts;
}

function textOf(name: string, bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw errors.MALFORMED(`files[${JSON.stringify(name)}]`, 'expected JavaScript in UTF-8', error);
  }
}
