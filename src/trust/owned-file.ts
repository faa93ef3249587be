import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { errorText } from '../../hosts/common/index.ts';
import { errors, isServiceError } from '../errors.ts';

const maxBytes = 16 * 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of a file that decides about trust; undefined if there is none. A link is only followed if it and its target belong to
 * root or to this user: whoever can swap a link would otherwise choose the list.
 * @throws BAD_FILE
 */
export function readOwnedFile(file: string): string | undefined {
  try {
    const link = lstatSync(file, { throwIfNoEntry: false });
    if (!link) return undefined;
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK); // or a pipe without a writer would hold us here
    try {
      const target = fstatSync(descriptor);
      if (!target.isFile()) throw errors.BAD_FILE(file, 'is not a regular file');
      if (target.size > maxBytes) throw errors.BAD_FILE(file, `has more than ${maxBytes} bytes`);
      if (link.isSymbolicLink() && !(isOurs(link) && isOurs(target))) {
        throw errors.BAD_FILE(file, 'is a link of another user, or to a file of another user; it is not followed');
      }
      return utf8.decode(readFileSync(descriptor));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // a link to nothing, or gone since lstat
    if (isServiceError(error)) throw error;
    throw errors.BAD_FILE(file, `cannot be read: ${errorText(error)}`, error);
  }
}

function isOurs(stats: Stats): boolean {
  const user = process.geteuid?.();
  return user === undefined || stats.uid === 0 || stats.uid === user;
}
