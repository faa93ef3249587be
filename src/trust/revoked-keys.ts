import { isKeyId, type KeyId, keyIdOf } from '../envelope/index.ts';
import { errors, isServiceError, shown } from '../errors.ts';
import { isSshKeyType } from './key-types.ts';

/**
 * The revoked keys: a fingerprint or a public key of any type in each line; what follows it, and lines with `#`, are comments.
 * @throws BAD_FILE with file:line
 */
export function parseRevokedKeys(text: string, file: string): Set<KeyId> {
  const revoked = new Set<KeyId>();
  for (const [index, line] of text.split('\n').entries()) {
    const [first = '', second = ''] = line.trim().split(/\s+/);
    if (first === '' || first.startsWith('#')) continue;
    revoked.add(isKeyId(first) ? first : parseKey(first, second, `${file}:${index + 1}`));
  }
  return revoked;
}

function parseKey(type: string, base64: string, place: string): KeyId {
  if (!isSshKeyType(type)) throw errors.BAD_FILE(place, `expected a fingerprint SHA256:... or a public key, got ${shown(type)}`);
  try {
    return keyIdOf(type, base64);
  } catch (error) {
    if (isServiceError(error)) throw errors.BAD_FILE(place, error.message, error);
    throw error;
  }
}
