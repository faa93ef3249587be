import type { z } from 'zod';
import { errors, shown } from '../errors.ts';
import { parseJson } from './json.ts';
import { sizeLimits } from './size-limits.ts';
import { schemas } from './statement-schema.ts';
import { instantMs } from './times.ts';

const maxWindowMs = 30 * 24 * 60 * 60 * 1000;

export type Action = keyof typeof schemas;
/** The statement of each action as it was signed: the defaults are not filled in. */
export type DeployStatement = z.infer<typeof schemas.deploy>;
export type UndeployStatement = z.infer<typeof schemas.undeploy>;
export type RestartStatement = z.infer<typeof schemas.restart>;
export type RollbackStatement = z.infer<typeof schemas.rollback>;
export type InputStatement = z.infer<typeof schemas.input>;
export type AuthenticateStatement = z.infer<typeof schemas.authenticate>;

/** A statement that changes something on a box. */
export type Change = DeployStatement | UndeployStatement | RestartStatement | RollbackStatement | InputStatement;
export type Statement = Change | AuthenticateStatement;
export type Audience = DeployStatement['audience'];

/**
 * @param payload  the bytes that were signed
 * @throws MALFORMED that names the field and what was expected, TOO_LARGE
 */
export function parseStatement(payload: Uint8Array): Statement {
  const value = parseJson(payload, 'statement');
  const schema = schemas[actionOf(value)];
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw malformed(value, parsed.error.issues);
  const statement: Statement = parsed.data;
  checkWindow(statement);
  if (statement.action === 'deploy') checkDeploy(statement);
  return statement;
}

/** Unix milliseconds of a time in a statement. */
export function timeMs(text: string): number {
  const ms = instantMs(text);
  if (ms === undefined) throw errors.MALFORMED('time', `expected a time in RFC 3339, UTC with Z, got ${shown(text)}`);
  return ms;
}

function actionOf(value: unknown): Action {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw errors.MALFORMED('statement', 'expected an object');
  const action: unknown = 'action' in value ? value.action : undefined;
  if (typeof action === 'string' && Object.hasOwn(schemas, action)) return action as Action;
  throw errors.MALFORMED('action', `expected one of ${Object.keys(schemas).join(', ')}, got ${shown(action)}`);
}

function malformed(value: unknown, issues: readonly z.core.$ZodIssue[]): Error {
  const issue = issues[0];
  if (!issue) return errors.MALFORMED('statement', 'does not fit its schema');
  const path = issue.path.map((key, i) => (typeof key === 'string' ? pathPart(key, i) : `[${String(key)}]`)).join('') || 'statement';
  if (issue.code === 'unrecognized_keys') return errors.MALFORMED(path, `has no field ${issue.keys.map(shown).join(', ')}`);
  if (issue.code === 'invalid_key') return errors.MALFORMED(path, issue.issues[0]?.message ?? 'is no key of this object');
  const found = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
  if (found === undefined) return errors.MALFORMED(path, 'is missing');
  const got = typeof found === 'object' ? '' : `, got ${shown(found)}`;
  const expected =
    issue.code === 'invalid_type'
      ? issue.message.replace(/^Invalid input: (.*), received.*$/, '$1').replace('record', 'object')
      : issue.message;
  return errors.MALFORMED(path, `${expected}${got}`);
}

function pathPart(key: string, index: number): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `[${shown(key)}]`;
  return index === 0 ? key : `.${key}`;
}

function checkWindow({ issuedAt, expires }: Statement): void {
  const windowMs = timeMs(expires) - timeMs(issuedAt);
  if (windowMs <= 0) throw errors.MALFORMED('expires', 'expected a time after issuedAt');
  if (windowMs > maxWindowMs) throw errors.MALFORMED('expires', 'expected a time at most 30 days after issuedAt');
}

function checkDeploy({ main, files, parameters = {}, sealed = {}, audience }: DeployStatement): void {
  const names = Object.keys(files);
  if (names.length > sizeLimits.files) throw errors.TOO_LARGE('files', sizeLimits.files, names.length, 'entries');
  if (!Object.hasOwn(files, main)) throw errors.MALFORMED('main', `expected one of the files, got ${shown(main)}`);
  if (!main.endsWith('.js')) throw errors.MALFORMED('main', `expected a file that ends in .js, got ${shown(main)}`);
  const size = Object.values(files).reduce((sum, file) => sum + file.size, 0);
  if (size > sizeLimits.swarmletBytes) throw errors.TOO_LARGE('files', sizeLimits.swarmletBytes, size);
  checkSealed(parameters, sealed, audience);
}

function checkSealed(
  parameters: Readonly<Record<string, unknown>>,
  sealed: Readonly<Record<string, Readonly<Record<string, string>>>>,
  audience: Audience,
): void {
  for (const [name, boxes] of Object.entries(sealed)) {
    const path = `sealed${pathPart(name, 1)}`;
    if (Object.hasOwn(parameters, name)) throw errors.MALFORMED(path, 'stands in parameters too');
    for (const target of audience) {
      if (typeof target !== 'string' || target === '*') {
        throw errors.MALFORMED('audience', 'expected box ids only, because sealed values are for one box each');
      }
      if (!Object.hasOwn(boxes, target)) throw errors.MALFORMED(path, `has no entry for ${target}`);
    }
  }
}
