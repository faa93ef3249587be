import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CodedError, errorText } from '../../hosts/common/index.ts';
import { publicLine } from '../client/index.ts';
import { isKeyType, keyOf, leadsTo, namespaces, parseJson, type Succession, successionShape } from '../envelope/index.ts';
import type { TrustedKey } from '../trust/index.ts';
import type { Arguments } from './arguments.ts';
import { configOf } from './box-config.ts';
import type { Action } from './command.ts';
import { exit, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { jsonLine, plain, table } from './text.ts';
import { TrustFile } from './trust-file.ts';

export const trustAdd: Action = async (args, io) => {
  const list = listOf(args, io);
  const added: string[] = [];
  for (const { publicKey, comment, where } of keysOf(args.words)) {
    const there = list.keys().get(publicKey.id);
    if (there) {
      io.tell(plain(`${publicKey.id} is trusted already, as ${there.principal} (${list.file}:${there.line})`));
      continue;
    }
    const principal = principalFor(args.text('principal') ?? comment, where);
    list.add([principal, `namespaces="${namespaces.statement}"`, publicKey.text, comment].filter((part) => part !== '').join(' '));
    added.push(`${publicKey.id} ${principal}`);
  }
  if (added.length > 0) list.save();
  if (args.flag('json')) io.print(jsonLine({ file: list.file, keys: [...list.keys().values()].map(asJson) }));
  else for (const line of added) io.print(plain(`Trusted: ${line} (${list.file})`));
  return exit.done;
};

export const trustList: Action = async (args, io) => {
  const list = listOf(args, io);
  const keys = [...list.keys().values()];
  if (args.flag('json')) io.print(jsonLine(keys.map(asJson)));
  else if (keys.length === 0) io.tell(`${list.file} trusts nobody. Add somebody: accessors trust add KEY.pub`);
  else for (const line of table(['PRINCIPAL', 'KEY', 'TYPE', 'VALID'], keys.map(row), io.columns)) io.print(line);
  return exit.done;
};

export const trustRemove: Action = async (args, io) => {
  const list = listOf(args, io);
  const all = [...list.keys().values()];
  const gone = new Set<TrustedKey>();
  for (const word of joined(args.words)) {
    const found = all.filter(({ key, principals }) => key.id === word || principals.includes(word));
    const named = found.length > 0 ? found : keysIn(word).flatMap(({ publicKey }) => all.filter(({ key }) => key.id === publicKey.id));
    if (named.length === 0) throw new CodedError('NOT_FOUND', `${list.file} has no key '${word}'. See: accessors trust ls`);
    for (const key of named) gone.add(key);
  }
  list.remove([...gone]);
  list.save();
  if (args.flag('json')) io.print(jsonLine({ file: list.file, removed: [...gone].map(asJson) }));
  else for (const { key, principal } of gone) io.print(plain(`No longer trusted: ${key.id} ${principal} (${list.file})`));
  return exit.done;
};

export const trustFollow: Action = async (args, io) => {
  const list = listOf(args, io);
  const [file = ''] = args.words;
  const chain = successionsIn(file);
  const last = chain.at(-1);
  if (!last) throw usageError(`${file} has no succession in it: it is the file box_ed25519.succession of a box`);
  const next = keyOf(last.to);
  const old = [...list.keys().values()].find(({ key }) => key.id !== next.id && leadsTo(chain, key.id, next.id));
  const there = list.keys().get(next.id);
  if (!old && !there) throw new CodedError('NOT_FOUND', `${list.file} has no key that says ${next.id} follows it. See: accessors trust ls`);
  if (old) {
    list.follow(old, next);
    list.save();
  }
  const { principal } = list.keys().get(next.id) as TrustedKey;
  if (args.flag('json')) io.print(jsonLine({ file: list.file, principal, id: next.id, before: old?.key.id ?? null }));
  else
    io.print(
      plain(
        old
          ? `Trusted: ${next.id} ${principal}, instead of ${old.key.id} (${list.file})`
          : `${next.id} is trusted already, as ${principal}`,
      ),
    );
  return exit.done;
};

function successionsIn(file: string): Succession[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => successionShape.parse(parseJson(line, file)));
  } catch (error) {
    throw usageError(`${file} is no succession of keys: ${errorText(error)}`);
  }
}

function listOf(args: Arguments, io: Io): TrustFile {
  return new TrustFile(configOf(args, io).trustedKeys);
}

// -------------------------------------------------------------------------------- keys on the command line

type GivenKey = ReturnType<typeof publicLine> & { readonly where: string };

function keysOf(words: readonly string[]): GivenKey[] {
  return joined(words).flatMap((word) => {
    const keys = keysIn(word);
    if (keys.length === 0) throw usageError(`'${word}' is neither a public key file nor the text of a public key`);
    return keys;
  });
}

/** The words of a public key that was not quoted belong together. */
function joined(words: readonly string[]): readonly string[] {
  return isKeyType(words[0] ?? '') ? [words.join(' ')] : words;
}

/** The keys of a file, a line each, or the one that the text is; none if it is neither. */
function keysIn(word: string): GivenKey[] {
  if (/\s/.test(word.trim())) return [{ ...publicLine('The given text', word), where: 'the key' }];
  const file = word.startsWith('~/') ? join(homedir(), word.slice(2)) : word;
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return [];
  const text = readFileSync(file, 'utf8');
  if (text.includes('PRIVATE KEY-----')) throw usageError(`${file} is a private key: give its public half, ${file}.pub`);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const keys = lines.map(withoutOptions);
  const usable = keys.filter((key) => isKeyType(key.split(/\s/, 1)[0] ?? ''));
  // GitHub gives all keys of a person, of which boxes take some; a file without any of those is a mistake.
  return (usable.length > 0 ? usable : keys).map((key) => ({ ...publicLine(file, key), where: file }));
}

/** In a file `authorized_keys` options may stand in front of the key. */
function withoutOptions(line: string): string {
  return /(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-\S+\s+\S.*)$/.exec(line)?.[1] ?? line;
}

/** @throws CodedError USAGE for what cannot stand as one word in the list, or would match others */
function principalFor(text: string, where: string): string {
  if (text === '') throw usageError(`${where} has no comment that says whose it is: add --principal WHO, such as alice@lab`);
  if (!/^[\p{L}\p{N}][^\s,"*?!\p{C}]{0,254}$/u.test(text))
    throw usageError(`'${text}' cannot be a principal: give one word with --principal, such as alice@lab`);
  return text;
}

// ------------------------------------------------------------------------------------------ what is shown

function asJson({ key, principal, line, validAfter, validBefore, touchRequired }: TrustedKey): object {
  const time = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());
  return { principal, id: key.id, type: key.type, line, validAfter: time(validAfter), validBefore: time(validBefore), touchRequired };
}

function row({ key, principal, validAfter, validBefore }: TrustedKey): string[] {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
  const from = validAfter === undefined ? '' : `from ${day(validAfter)} `;
  const until = validBefore === undefined ? '' : `until ${day(validBefore)}`;
  return [principal, key.id, key.type, `${from}${until}` || 'always'];
}
