import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CodedError, errorText } from '../../hosts/common/index.ts';
import { parseJson } from '../envelope/index.ts';

const text = z.string();

/** The file of `accessors box --config`, JSON: what the flags say, and what has no flag. */
const boxConfig = z.strictObject({
  listen: text.optional(),
  admin: text.optional(),
  state: text.optional(),
  trustedKeys: text.optional(),
  revokedKeys: text.optional(),
  name: text.optional(),
  labels: z.record(text, text).optional(),
  isolation: z.strictObject({ minimum: z.enum(['P1', 'P2', 'P3']) }).optional(),
  /** Rules of PROTOCOL 1; the service checks them. */
  policy: z.array(z.unknown()).optional(),
  limits: z.record(text, z.number()).optional(),
});
export type BoxConfig = z.infer<typeof boxConfig>;

/** @throws CodedError that names the file and the field */
export function readBoxConfig(file: string): BoxConfig {
  const parsed = boxConfig.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CodedError('BAD_CONFIG', `${file}: ${[issue?.path.join('.'), issue?.message].filter((part) => part).join(': ')}`);
}

function readJson(file: string): unknown {
  try {
    return parseJson(readFileSync(file), file);
  } catch (error) {
    throw new CodedError('BAD_CONFIG', `Cannot use the settings in ${file}: ${errorText(error)}`);
  }
}
