import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
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

/**
 * Why somebody else could write a file that decides about trust, or replace it; undefined where nobody can. It is told and not refused:
 * some disks show every file as open to all, or as another user's, and a box that will not start there helps nobody.
 */
export function exposure(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found || process.geteuid === undefined) return undefined;
  if (!isOurs(found)) return `${file} belongs to user ${found.uid}, who can say who may push; run: chown ${process.geteuid()} ${file}`;
  if ((found.mode & 0o022) !== 0) return `others may write ${file}, and so say who may push; run: chmod go-w ${file}`;
  const folder = statSync(dirname(file));
  const isOpen = (folder.mode & 0o022) !== 0 && (folder.mode & 0o1000) === 0;
  return isOpen ? `others may replace ${file}, and so say who may push; run: chmod go-w ${dirname(file)}` : undefined;
}

function isOurs(stats: Stats): boolean {
  const user = process.geteuid?.();
  return user === undefined || stats.uid === 0 || stats.uid === user;
}
