import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { errorText } from '../../hosts/common/index.ts';
import { errors } from '../errors.ts';
import { pathOfProto } from '../own-names.ts';
import type { Kind, Setting } from '../settings.ts';
import { type Problem, problemsOf } from './file.ts';
import { schemaAt } from './schema.ts';

/**
 * The value that a flag or a variable stands for.
 * @param texts  as given: one, or several for a flag that may be repeated
 * @param from   the flag or variable, for messages
 * @throws BAD_OPTION
 */
export function givenValue({ key, kind }: Setting, texts: readonly string[], from: string): unknown {
  const value = read(kind, texts, from);
  const proto = pathOfProto(value);
  if (proto) throw errors.BAD_OPTION(from, 'made of other names than __proto__', texts.at(-1));
  const parsed = schemaAt(key).safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, unknown, text }] = problemsOf(parsed.error) as [Problem];
  const [issue] = parsed.error.issues;
  if (unknown !== undefined) throw errors.BAD_OPTION(from, `made of known settings: ${text}`, value);
  const expected = issue?.message.replace(/^expected /, '') ?? text;
  throw errors.BAD_OPTION([from, ...path].join('.'), expected, texts.at(-1));
}

function read(kind: Kind, texts: readonly string[], from: string): unknown {
  const last = texts.at(-1) ?? '';
  switch (kind) {
    case 'text':
      return last;
    case 'path':
      return resolve(last);
    case 'number':
      return numberOr(last);
    case 'switch':
      if (last !== '' && last !== 'true' && last !== 'false') throw errors.BAD_OPTION(from, 'true or false', last);
      return last !== 'false';
    case 'list':
      return texts.filter((text) => text !== '');
    case 'texts by name':
      return byName(texts, from, (text) => text);
    case 'numbers by name':
      return byName(texts, from, numberOr);
    case 'yaml':
      return fromYaml(last, from);
  }
}

function numberOr(text: string): unknown {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function byName(texts: readonly string[], from: string, of: (text: string) => unknown): Record<string, unknown> {
  const found = new Map<string, unknown>();
  for (const text of texts.filter((one) => one !== '')) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(at, 0));
    if (name === '') throw errors.BAD_OPTION(from, 'NAME=VALUE', text);
    if (found.has(name)) throw errors.BAD_OPTION(from, `given once for ${name}`, text);
    found.set(name, of(text.slice(at + 1)));
  }
  return Object.fromEntries(found);
}

function fromYaml(text: string, from: string): unknown {
  try {
    return parse(text.startsWith('@') ? readFileSync(resolve(text.slice(1)), 'utf8') : text, { maxAliasCount: 100 });
  } catch (error) {
    throw errors.BAD_OPTION(from, `YAML or @FILE (${errorText(error).split('\n', 1)[0]})`, text);
  }
}
