import { isKeyType, type KeyId, namespaces, type PublicKey, parsePublicKey } from '../envelope/index.ts';
import { errors, isServiceError, shown } from '../errors.ts';
import { optionsLength, parseKeyOptions } from './key-options.ts';
import { isSshKeyType } from './key-types.ts';
import { matchesPatternList } from './pattern.ts';

/** A line of the trust list. */
export interface TrustedKey {
  readonly key: PublicKey;
  /** The first of the principals; the audit names this one. */
  readonly principal: string;
  readonly principals: readonly string[];
  /** See `Signer`; never of a line in a file. */
  readonly behalf?: readonly KeyId[];
  /** Unix milliseconds; the key is good from then, and until then. */
  readonly validAfter?: number;
  readonly validBefore?: number;
  /** Of a FIDO key: whether each signature needs a touch. */
  readonly touchRequired: boolean;
  readonly line: number;
}

export interface AllowedSigners {
  readonly keys: ReadonlyMap<KeyId, TrustedKey>;
  /** One for each line that is for another purpose, with file:line. */
  readonly warnings: readonly string[];
}

/**
 * The trust list in the format of OpenSSH, `PRINCIPALS [options] KEYTYPE BASE64 [comment]` a line (ssh-keygen(1), ALLOWED SIGNERS).
 * @throws BAD_FILE with file:line for anything but a comment, a key for us, or a key for others that OpenSSH knows
 */
export function parseAllowedSigners(text: string, file: string): AllowedSigners {
  const keys = new Map<KeyId, TrustedKey>();
  const warnings: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const place = `${file}:${index + 1}`;
    const content = line.replace(/^[ \t\r]+/, '');
    if (content === '' || content.startsWith('#')) continue;
    const trusted = parseLine(content, place, index + 1, warnings);
    if (!trusted) continue;
    const other = keys.get(trusted.key.id);
    if (other) throw errors.BAD_FILE(place, `key ${trusted.key.id} stands in line ${other.line} already`);
    keys.set(trusted.key.id, trusted);
  }
  return { keys, warnings };
}

/** Undefined for a line that is skipped; the reason is then added to the warnings. */
function parseLine(content: string, place: string, line: number, warnings: string[]): TrustedKey | undefined {
  const head = /^(?:"([^"]*)"|([^ \t\r"]+)(?![^ \t\r]))[ \t\r]*(.*)$/s.exec(content);
  if (!head) throw errors.BAD_FILE(place, 'expected PRINCIPALS [options] KEYTYPE BASE64');
  const principals = parsePrincipals(head[1] ?? head[2] ?? '', place);
  const rest = head[3] ?? '';
  const isKey = isSshKeyType(firstWord(rest));
  const length = isKey ? 0 : optionsLength(rest);
  if (length === undefined) throw errors.BAD_FILE(place, 'a quote in the options does not end');
  const options = isKey ? {} : parseKeyOptions(rest.slice(0, length));
  const [type = '', base64 = ''] = rest
    .slice(length)
    .trim()
    .split(/[ \t\r]+/);
  if (!isSshKeyType(type)) {
    throw errors.BAD_FILE(place, type === '' ? 'expected a key: KEYTYPE BASE64' : `expected a type of key, got ${shown(type)}`);
  }
  if (typeof options === 'string') throw errors.BAD_FILE(place, options);
  const skipped = reasonToSkip(type, options);
  if (skipped) {
    warnings.push(`${place}: skipped: ${skipped}`);
    return undefined;
  }
  return {
    key: parseKey(type, base64, place),
    principal: principals[0],
    principals,
    ...(options.validAfter === undefined ? {} : { validAfter: options.validAfter }),
    ...(options.validBefore === undefined ? {} : { validBefore: options.validBefore }),
    touchRequired: !options.noTouchRequired,
    line,
  };
}

function firstWord(text: string): string {
  return /^[^ \t\r]*/.exec(text)?.[0] ?? '';
}

function parsePrincipals(text: string, place: string): [string, ...string[]] {
  // An invisible character would make two names of one; a byte-order mark at the start of the file is one of them.
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(text)) throw errors.BAD_FILE(place, `principal ${shown(text)} has an invisible character`);
  const [first = '', ...others] = text.split(',');
  if ([first, ...others].some((name) => name.trim() === '')) throw errors.BAD_FILE(place, `principals ${shown(text)} have an empty name`);
  return [first, ...others];
}

function reasonToSkip(type: string, options: { readonly namespaces?: string; readonly certAuthority?: true }): string | undefined {
  if (!isKeyType(type)) return `keys of type ${type} are not used here, only ssh-ed25519 and sk-ssh-ed25519@openssh.com`;
  if (options.certAuthority) return 'certificates are not used here, so neither is their authority';
  if (options.namespaces !== undefined && !matchesPatternList(namespaces.statement, options.namespaces)) {
    return `it is for the namespaces ${shown(options.namespaces)}, not for ${namespaces.statement}`;
  }
  return undefined;
}

function parseKey(type: string, base64: string, place: string): PublicKey {
  try {
    return parsePublicKey(type, base64);
  } catch (error) {
    if (isServiceError(error)) throw errors.BAD_FILE(place, error.message, error);
    throw error;
  }
}
