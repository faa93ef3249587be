import { errors } from '../errors.ts';
import { decodeBase64 } from './base64.ts';

const first = '-----BEGIN SSH SIGNATURE-----';
const last = '-----END SSH SIGNATURE-----';

/**
 * The SSHSIG blob in what `ssh-keygen -Y sign` writes.
 * @throws MALFORMED
 */
export function parseArmored(text: string): Buffer {
  const lines = text.trim().split(/\r?\n/);
  if (lines[0] !== first || lines.at(-1) !== last) throw errors.MALFORMED('SSH signature', `expected ${first}`);
  return decodeBase64(lines.slice(1, -1).join(''), 'SSH signature');
}

/** The text that `ssh-keygen -Y verify -s FILE` reads. */
export function formatArmored(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return [first, ...lines, last, ''].join('\n');
}
