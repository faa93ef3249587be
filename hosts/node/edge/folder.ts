/** A file or folder in a folder. */
export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly modifiedAt: number;
}

/**
 * Files below one folder, by relative paths with `/`. Every call is done when it returns, since accessors read and write in the
 * middle of a reaction; each throws errors with the system's codes (ENOENT, ENOSPC, ...).
 */
export interface Folder {
  read(path: string): Buffer;
  /** After a crash at any moment the old or the new content is there, whole. Folders on the way are made. */
  write(path: string, data: Uint8Array): void;
  append(path: string, data: Uint8Array): void;
  /** A folder with all that is in it; what is not there is ignored. */
  remove(path: string): void;
  rename(path: string, to: string): void;
  /** Makes a folder, and those on the way. */
  make(path: string): void;
  stat(path: string): Entry | undefined;
  list(path: string): Entry[];
}
