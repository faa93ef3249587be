import { z } from 'zod';
import { limitDefaults } from '../supervisor/index.ts';
import { ruleSchema } from '../trust/index.ts';

const text = z.string('expected a text');
export const limitNames = Object.keys(limitDefaults);
const limit = z.int('expected a whole number').min(0, 'expected 0 or more').optional();

/** Which there are and what they take, only they know. */
const byPlugin = z.record(text, z.unknown(), 'expected plugins by name, each with its options').optional();

/** What may stand in the file of a box. */
export const fileSchema = z.strictObject({
  /** For editors that read it. */
  $schema: text.optional(),
  listen: text.optional(),
  admin: text.optional(),
  adminNames: z.array(text, 'expected a list of names').optional(),
  adminReload: z.boolean('expected true or false').optional(),
  state: text.optional(),
  trustedKeys: text.optional(),
  revokedKeys: text.optional(),
  onRevoke: z.enum(['stop', 'keep'], 'expected stop or keep').optional(),
  name: text.optional(),
  labels: z.record(text, text).optional(),
  isolation: z.strictObject({ minimum: z.enum(['P1', 'P2', 'P3'], 'expected P1, P2 or P3') }).optional(),
  pool: z.int('expected a whole number').min(0, 'expected 0 or more').max(999, 'expected 999 or less').optional(),
  swarmlets: z.int('expected a whole number').min(1, 'expected 1 or more').max(9999, 'expected 9999 or less').optional(),
  tls: z.strictObject({ cert: text, key: text }).optional(),
  limits: z.strictObject(Object.fromEntries(limitNames.map((name) => [name, limit]))).optional(),
  logLevel: z.enum(['info', 'warn', 'error'], 'expected info, warn or error').optional(),
  logFormat: z.enum(['auto', 'json', 'text'], 'expected auto, json or text').optional(),
  plugins: z.array(text, 'expected a list of packages').optional(),
  discovery: byPlugin,
  sources: byPlugin,
  sinks: byPlugin,
  modules: byPlugin,
  tiers: byPlugin,
  policy: z.array(ruleSchema, 'expected a list of rules').optional(),
});
export type ConfigFile = z.infer<typeof fileSchema>;

/** Names that are asked for when one is not known; those of one place would do, but a wrong place is as likely as a slip. */
export const knownNames: ReadonlySet<string> = new Set(namesIn(fileSchema));

/** What is valid at a path such as `tls.cert`. */
export function schemaAt(key: string): z.ZodType {
  return key.split('.').reduce<z.ZodType>((at, name) => {
    const inner = plain(at);
    const found = inner instanceof z.ZodObject ? (inner.shape[name] as z.ZodType | undefined) : undefined;
    if (!found) throw new Error(`The file of a box has no ${key}`);
    return found;
  }, fileSchema);
}

/** Paths of all settings: what is no object with names of its own is one. */
export function leavesOf(schema: z.ZodType = fileSchema, path: readonly string[] = []): string[] {
  const inner = plain(schema);
  if (!(inner instanceof z.ZodObject) || path[0] === 'limits') return [path.join('.')];
  return Object.entries(inner.shape).flatMap(([name, of]) => leavesOf(of as z.ZodType, [...path, name]));
}

function namesIn(schema: z.ZodType): string[] {
  const inner = plain(schema);
  if (inner instanceof z.ZodArray) return namesIn(inner.element as z.ZodType);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([name, of]) => [name, ...namesIn(of as z.ZodType)]);
}

function plain(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? plain(schema.unwrap() as z.ZodType) : schema;
}
