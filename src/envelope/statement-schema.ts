import { validRange } from 'semver';
import { z } from 'zod';
import { shown } from '../errors.ts';
import { base64Length } from './base64.ts';
import { parseCapability } from './capability.ts';
import { faultOfFileName, sameButForCase } from './file-names.ts';
import { isKeyId, type KeyId } from './keys.ts';
import { greatestSequence } from './sequence.ts';
import { durationOf, instantMs } from './times.ts';

const maxTimer = 2 ** 31 - 1; // the longest that a timer of Node can wait
/** Ephemeral key, nonce, NaCl's own 16 bytes, and at least one byte of JSON. */
const minSealed = 32 + 24 + 16 + 1;
const semVer =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;
const npmName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * A text of one form; `expected` ends the sentence "expected ...".
 * @param about  for the published schema, as far as it can tell what `fits` takes
 */
const text = (expected: string, fits: (value: string) => boolean, about: Readonly<Record<string, unknown>> = {}) =>
  z
    .string(`expected ${expected}`)
    .refine(fits, `expected ${expected}`)
    .meta({ description: expected, ...about });
const matching = (expected: string, pattern: RegExp) => text(expected, (value) => pattern.test(value), { pattern: pattern.source });
const integer = (least: number, most: number) => z.int(`expected an integer from ${least} to ${most}`).min(least).max(most);
const base64Pattern = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$';
const base64 = (expected: string, fits: (bytes: number) => boolean, about: Readonly<Record<string, unknown>> = {}) =>
  text(
    `base64 of ${expected}`,
    (value) => {
      const bytes = base64Length(value);
      return bytes !== undefined && fits(bytes);
    },
    { pattern: base64Pattern, ...about },
  );

const keyIdPattern = '^SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$';
const keyId = z
  .custom<KeyId>(isKeyId, 'expected a fingerprint SHA256:...')
  .meta({ type: 'string', pattern: keyIdPattern, description: 'fingerprint of a key, as ssh-keygen -lf prints it' });
const digest = matching('sha256:HEX, lower case', /^sha256:[0-9a-f]{64}$/);
const swarmlet = matching('a name of 1 to 64 characters a-z 0-9 . _ -, not starting with . _ or -', /^[a-z0-9][a-z0-9._-]{0,63}$/);
const time = text('a time in RFC 3339, UTC with Z', (value) => instantMs(value) !== undefined, {
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?Z$',
});
const nonce = base64('16 random bytes', (bytes) => bytes === 16, { pattern: '^[A-Za-z0-9+/]{21}[AQgw]==$' });
const sequence = integer(1, greatestSequence);
const key = text('a name of 1 to 256 characters', (value) => value.length > 0 && value.length <= 256, { minLength: 1, maxLength: 256 });
const json = z.unknown();
const version = text('a version as SemVer has it, such as 1.4.0', (value) => value.length <= 256 && semVer.test(value), {
  pattern: semVer.source,
  maxLength: 256,
});

const labels = z
  .record(key, z.string())
  .refine((value) => Object.keys(value).length > 0, 'expected at least one label')
  .meta({ minProperties: 1 });
const audience = z
  .array(z.union([z.literal('*'), keyId, z.strictObject({ labels })], 'expected a box id SHA256:..., {"labels": {...}} or "*"'))
  .min(1, 'expected at least one entry');

const file = z.strictObject({
  sha256: matching('SHA-256 in bare hex, lower case', /^[0-9a-f]{64}$/),
  size: integer(0, Number.MAX_SAFE_INTEGER),
  text: text('well-formed Unicode', (value) => !/\p{Cs}/u.test(value)).optional(),
});
/** What `faultOfFileName` says, as far as a pattern can. */
const fileNamePattern =
  '^(?!(?:__proto__|constructor|prototype)$)(?!.*[.\\s](?:/|$))(?!.*//)(?!/)(?!.*/$)(?!.*\\.[cm]?[tT][sS][xX]?$)[^\\\\:\\u0000-\\u001f\\u007f-\\u009f]{1,1024}$';
const files = z
  .record(z.string(), file)
  .superRefine((value, context) => {
    const names = Object.keys(value);
    for (const name of names) {
      const fault = faultOfFileName(name);
      if (fault) context.addIssue({ code: 'custom', path: [name], message: fault });
    }
    const pair = sameButForCase(names);
    if (pair) context.addIssue({ code: 'custom', path: [pair[1]], message: `differs from ${shown(pair[0])} only in case` });
  })
  .meta({ propertyNames: { type: 'string', pattern: fileNamePattern } });

const requires = z.strictObject({
  modules: z.array(text('NAME@RANGE, such as @accessors-modules/http-client@^1', isPackage)).optional(),
  npm: z.record(matching('the name of an npm package', npmName), text('a range of versions, such as ^12', isRange)).optional(),
});

const run = z.strictObject({
  for: text(
    'forever, once, or an ISO 8601 duration such as PT90S',
    (value) => value === 'forever' || value === 'once' || durationOf(value) !== undefined,
  ).optional(),
  restart: z.enum(['always', 'on-failure', 'never'], 'expected always, on-failure or never').optional(),
});

/** The names of PROTOCOL.md section 7 that a statement may set; 0 has a meaning only for some. */
const limits = z.strictObject({
  setupMs: integer(1, maxTimer).optional(),
  initializeMs: integer(1, maxTimer).optional(),
  reactionMs: integer(1, maxTimer).optional(),
  wrapupMs: integer(1, maxTimer).optional(),
  probationMs: integer(0, maxTimer).optional(),
  memoryMiB: integer(1, maxTimer).optional(),
  cpuPercent: integer(1, maxTimer).optional(),
  messagesPerSecond: integer(1, maxTimer).optional(),
  logBytesPerSecond: integer(0, maxTimer).optional(),
  storageMiB: integer(0, maxTimer).optional(),
  restarts: integer(0, maxTimer).optional(),
});

const origin = z.strictObject({ swarmlet, digest, principal: key, hops: integer(1, Number.MAX_SAFE_INTEGER) });

const common = { audience, issuedAt: time, expires: time, nonce };
const ordered = { ...common, swarmlet, sequence };

const deploy = z.strictObject({
  action: z.literal('deploy'),
  ...ordered,
  replaces: digest.nullable().optional(),
  version,
  main: z.string('expected the name of a file'),
  files,
  requires: requires.optional(),
  capabilities: z
    .array(text('a module name, net:connect:HOST:PORT, net:listen:PORT, files, exec, serial, deployment or trusted', isCapability))
    .optional(),
  parameters: z.record(key, json).optional(),
  sealed: z
    .record(
      key,
      z.record(
        text('a box id SHA256:...', isKeyId),
        base64('a sealed value, at least 73 bytes', (bytes) => bytes >= minSealed),
      ),
    )
    .optional(),
  inputs: z.record(key, json).optional(),
  run: run.optional(),
  limits: limits.optional(),
  isolation: z.enum(['process', 'thread', 'inline'], 'expected process, thread or inline').optional(),
  upgrade: z.enum(['start-first', 'stop-first'], 'expected start-first or stop-first').optional(),
  origin: origin.optional(),
});

/** One schema for each action of PROTOCOL.md section 3; a field that an action does not have is refused. */
export const schemas = {
  deploy,
  undeploy: z.strictObject({ action: z.literal('undeploy'), ...ordered }),
  restart: z.strictObject({ action: z.literal('restart'), ...ordered }),
  rollback: z.strictObject({ action: z.literal('rollback'), ...ordered, to: digest }),
  input: z.strictObject({ action: z.literal('input'), ...common, swarmlet, port: key, value: json }),
  /** One box and no pattern, or whoever is asked could hand the answer on to another box. */
  authenticate: z.strictObject({
    action: z.literal('authenticate'),
    ...common,
    audience: z.tuple([keyId], 'expected an array of the box id alone'),
    clientNonce: nonce,
  }),
} as const;

function isPackage(value: string): boolean {
  const at = value.lastIndexOf('@');
  return at > 0 && npmName.test(value.slice(0, at)) && isRange(value.slice(at + 1));
}

function isRange(value: string): boolean {
  return value.length > 0 && value.length <= 256 && validRange(value) !== null;
}

function isCapability(value: string): boolean {
  return parseCapability(value) !== undefined;
}
