import { readFileSync } from 'node:fs';
import { isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import { errors, shown } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { pathOfProto } from '../own-names.ts';
import { type ConfigFile, fileSchema, knownNames } from './schema.ts';

type Path = readonly (string | number)[];

/** What a file says, and where. */
export interface ReadFile {
  readonly name: string;
  readonly values: ConfigFile;
  /** `FILE:LINE` of what stands at a path. */
  placeOf(path: Path): string;
}

/**
 * Reads YAML, of which JSON is a part.
 * @throws BAD_FILE that names file and line, and what an unknown name was probably meant to be
 */
export function readConfigFile(file: string): ReadFile {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw errors.BAD_FILE(file, `cannot be read: ${reasonIn(errorText(error))}`, error);
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  const broken = [...document.errors, ...document.warnings].map(({ pos, message }) => ({ place: lineOf(pos[0]), text: message }));
  if (broken.length > 0) throw refusal(broken);
  const placeOf = (path: Path, key?: string): string => lineOf(offsetOf(document, path, key));
  const value = toValue(document, file) ?? {};
  const proto = pathOfProto(value);
  if (proto) throw errors.BAD_FILE(placeOf(proto.slice(0, -1), proto.at(-1)), `${proto.join('.')}: this name cannot be used`);
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return { name: file, values: parsed.data, placeOf };
  throw refusal(problemsOf(parsed.error).map(({ path, unknown, text }) => ({ place: placeOf(path, unknown), text })));
}

/** One error for all that is wrong. */
function refusal([first, ...others]: readonly { readonly place: string; readonly text: string }[]): Error {
  const { place, text } = first as NonNullable<typeof first>;
  return errors.BAD_FILE(place, [text, ...others.map((other) => `${other.place}: ${other.text}`)].join('; '));
}

export interface Problem {
  readonly path: Path;
  /** The name at that path that there is not. */
  readonly unknown?: string;
  readonly text: string;
}

/** What is wrong, in words. */
export function problemsOf({ issues }: z.core.$ZodError): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path as Path;
    if (issue.code !== 'unrecognized_keys') return [{ path, text: `${path.join('.') || 'the file'}: ${issue.message}` }];
    return issue.keys.map((unknown) => {
      const meant = nearest(unknown, knownNames);
      const name = [...path, shown(unknown)].join('.');
      return { path, unknown, text: `there is no setting ${name}${meant ? ` (did you mean ${meant}?)` : ''}` };
    });
  });
}

/** Of `ENOENT: no such file or directory, open '/x'` what is in the middle: the rest was said, or helps nobody. */
function reasonIn(text: string): string {
  return /^E[A-Z]+: (.+?), /.exec(text)?.[1] ?? text;
}

/** Aliases are followed only so far: a few lines of them can stand for more than memory holds. */
function toValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw errors.BAD_FILE(file, errorText(error), error);
  }
}

/** Where the value at `path` begins, or the name of one of its fields. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: Path, key: string | undefined): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (key !== undefined && isMap(node)) {
    const pair = node.items.find((item) => String(item.key) === key);
    return rangeStart(pair?.key);
  }
  if (node !== undefined || path.length === 0) return rangeStart(node);
  return offsetOf(document, path.slice(0, -1), undefined); // it is missing: where it should be
}

function rangeStart(node: unknown): number {
  return (node as { readonly range?: readonly number[] } | undefined)?.range?.[0] ?? 0;
}
