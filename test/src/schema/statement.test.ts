import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseStatement } from '../../../src/envelope/index.ts';
import { statementSchema } from '../../../src/schema/index.ts';
import { boxId, payloadOf, statements } from '../../support/envelopes.ts';

const it = suite('the published schema of a statement');
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(statementSchema());

const full = {
  ...statements.deploy,
  replaces: null,
  audience: [boxId, '*', { labels: { room: '545' } }],
  requires: { modules: ['@accessors-modules/http-client@^1'], npm: { serialport: '^12' } },
  capabilities: ['http-client', 'net:connect:*.lab.example:443', 'net:listen:8080', 'files', 'deployment'],
  parameters: { interval: 1000 },
  inputs: { room: '545' },
  run: { for: 'PT90S', restart: 'always' },
  limits: { memoryMiB: 64, probationMs: 0, storageMiB: 0 },
  isolation: 'process',
  upgrade: 'start-first',
  origin: { swarmlet: 'manager', digest: `sha256:${'0'.repeat(64)}`, principal: 'alice@lab', hops: 1 },
};
const sealed = {
  ...statements.deploy,
  sealed: { key: { [boxId]: Buffer.alloc(80).toString('base64') } },
};
const good: readonly object[] = [...Object.values(statements), full, sealed];

const isTaken = (statement: unknown): boolean => {
  try {
    parseStatement(payloadOf(statement as object));
    return true;
  } catch {
    return false;
  }
};

/** Every path in a value, from the outermost. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** A copy in which what is at the path is another value; undefined: it is missing. */
function withAt(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  const holder = copy as Record<string, unknown>;
  if (rest.length === 0 && other === undefined && !Array.isArray(copy)) delete holder[key];
  else holder[key] = withAt(holder[key], rest, other);
  return copy;
}

it('takes what a box takes', () => {
  for (const statement of good) {
    assert.ok(isTaken(statement), JSON.stringify(statement));
    assert.ok(validate(JSON.parse(JSON.stringify(statement))), JSON.stringify(validate.errors?.slice(0, 3)));
  }
});

/** Beyond JSON Schema: what has to do with two fields, with the calendar, or with the meaning of a text. */
const beyond = /^(?:issuedAt|expires|main|files|requires|capabilities|run|sealed|audience|parameters)\b/;

it('refuses what a box refuses, wherever one field is wrong, and the other way round', () => {
  const others = [undefined, null, true, 0, -1, 1.5, 2 ** 53, '', 'x', '../x', [], {}, { x: 1 }, 'sha256:00', 'SHA256:x', '\u0000'];
  let refused = 0;
  for (const statement of good) {
    for (const path of pathsOf(statement)) {
      for (const other of others) {
        const changed = JSON.parse(JSON.stringify(withAt(statement, path, other) ?? null)) as unknown;
        const [box, schema] = [isTaken(changed), validate(changed)];
        if (box) assert.ok(schema, `a box takes ${path.join('.')} = ${JSON.stringify(other)}, the schema does not`);
        if (!box) refused++;
        if (!box && schema)
          assert.match(path.join('.'), beyond, `a box refuses ${path.join('.')} = ${JSON.stringify(other)}, the schema does not`);
      }
      const extra = withAt(statement, [...path, 'stranger'], 1);
      if (!isTaken(extra) && path.length === 0) assert.not(validate(extra));
    }
  }
  assert.ok(refused > 500, String(refused));
});

it('takes every file name that a box takes', () => {
  const name = fc.stringMatching(/^[\w \-äß()/.]{1,30}$/);
  fc.assert(
    fc.property(name, (file) => {
      const statement = { ...statements.deploy, files: { ...statements.deploy.files, [file]: { sha256: '0'.repeat(64), size: 1 } } };
      if (isTaken(statement)) assert.ok(validate(statement), file);
      else assert.ok(!validate(statement) || file.toLowerCase() === 'lamp.js' || file.normalize('NFC') !== file, file);
    }),
    { numRuns: 2000 },
  );
});

it.run();
