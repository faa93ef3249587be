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
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw errors.BAD_FILE(`${file}:${lines.linePos(problem.pos[0]).line}`, problem.message);
  const placeOf = (path: Path, key?: string): string => `${file}:${lines.linePos(offsetOf(document, path, key)).line}`;
  const value = toValue(document, file) ?? {};
  const proto = pathOfProto(value);
  if (proto) throw errors.BAD_FILE(placeOf(proto.slice(0, -1), proto.at(-1)), `${proto.join('.')}: this name cannot be used`);
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return { name: file, values: parsed.data, placeOf };
  const { path, unknown, text } = problemOf(parsed.error);
  throw errors.BAD_FILE(placeOf(path, unknown), text);
}

/** The first thing that is wrong, in words. */
export function problemOf({ issues }: z.core.$ZodError): {
  readonly path: Path;
  readonly unknown: string | undefined;
  readonly text: string;
} {
  const [issue] = issues as [z.core.$ZodIssue];
  const path = issue.path as Path;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknown === undefined) return { path, unknown, text: `${path.join('.') || 'the file'}: ${issue.message}` };
  const meant = nearest(unknown, knownNames);
  return { path, unknown, text: `there is no setting ${[...path, shown(unknown)].join('.')}${meant ? ` (did you mean ${meant}?)` : ''}` };
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
