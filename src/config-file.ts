import { readFileSync } from 'node:fs';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { errorText } from '../hosts/common/index.ts';
import { errors, shown } from './errors.ts';
import { nearest } from './nearest.ts';
import { limitDefaults } from './supervisor/index.ts';
import { ruleSchema } from './trust/index.ts';

const text = z.string('expected a text');
const limitNames = Object.keys(limitDefaults);
const limit = z.int('expected a whole number').min(0, 'expected 0 or more').optional();

/** What may stand in the file of `accessors box --config`. */
const fileSchema = z.strictObject({
  listen: text.optional(),
  admin: text.optional(),
  state: text.optional(),
  name: text.optional(),
  labels: z.record(text, text).optional(),
  trustedKeys: text.optional(),
  revokedKeys: text.optional(),
  onRevoke: z.enum(['stop', 'keep'], 'expected stop or keep').optional(),
  isolation: z.strictObject({ minimum: z.enum(['P1', 'P2', 'P3'], 'expected P1, P2 or P3') }).optional(),
  pool: z.int('expected a whole number').min(0, 'expected 0 or more').optional(),
  tls: z.strictObject({ cert: text, key: text }).optional(),
  policy: z.array(ruleSchema, 'expected a list of rules').optional(),
  limits: z.strictObject(Object.fromEntries(limitNames.map((name) => [name, limit]))).optional(),
});
export type ConfigFile = z.infer<typeof fileSchema>;

/** Names that are asked for when one is not known; those of one place would do, but a wrong place is as likely as a slip. */
const knownNames: ReadonlySet<string> = new Set([
  ...Object.keys(fileSchema.shape),
  ...Object.keys(ruleSchema.shape),
  ...limitNames,
  'minimum',
  'cert',
  'key',
]);

type Path = readonly (string | number)[];

/**
 * Reads YAML, of which JSON is a part.
 * @throws BAD_FILE that names file and line, and what an unknown name was probably meant to be
 */
export function readConfigFile(file: string): ConfigFile {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw errors.BAD_FILE(file, `cannot be read: ${errorText(error)}`, error);
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw errors.BAD_FILE(`${file}:${lines.linePos(problem.pos[0]).line}`, problem.message);
  const parsed = fileSchema.safeParse(toValue(document, file) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues as [z.core.$ZodIssue];
  const path = issue.path as Path;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const place = `${file}:${lines.linePos(offsetOf(document, path, unknown)).line}`;
  if (unknown === undefined) throw errors.BAD_FILE(place, `${path.join('.') || 'the file'}: ${issue.message}`);
  const meant = nearest(unknown, knownNames);
  throw errors.BAD_FILE(place, `there is no setting ${[...path, shown(unknown)].join('.')}${meant ? ` (did you mean ${meant}?)` : ''}`);
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
