const maxSegment = 255;
const maxName = 1024;

/** What is wrong with the name of a carried file (PROTOCOL.md section 3.1), or undefined. */
export function faultOfFileName(name: string): string | undefined {
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return 'a file name has no control character';
  if (/[\\:]/.test(name)) return 'a file name has no backslash and no colon';
  if (name.normalize('NFC') !== name) return 'a file name is in Unicode normal form C';
  if (Buffer.byteLength(name) > maxName) return `a file name has at most ${maxName} bytes`;
  if (/\.[cm]?tsx?$/i.test(name)) return 'only JavaScript travels: TypeScript is compiled at the sender';
  for (const segment of name.split('/')) {
    if (segment === '') return 'a file name is relative and has no empty segment';
    if (/[.\s]$/u.test(segment)) return 'no segment of a file name is . or .., or ends with a dot or a blank';
    if (Buffer.byteLength(segment) > maxSegment) return `a segment of a file name has at most ${maxSegment} bytes`;
  }
  return undefined;
}

/** The first pair of names that differ only in case, or undefined: on some disks they would be one file. */
export function sameButForCase(names: readonly string[]): [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) return [other, name];
    seen.set(folded, name);
  }
  return undefined;
}
