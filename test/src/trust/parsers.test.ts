import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generateKeyPair, parseEnvelope, parseJson, parseSshSignature, parseStatement, signSsh } from '../../../src/envelope/index.ts';
import { isServiceError } from '../../../src/errors.ts';
import { parseAllowedSigners, parseRevokedKeys } from '../../../src/trust/index.ts';
import { payloadOf, statements } from '../../support/envelopes.ts';

const it = suite('what parses bytes of strangers');
const pair = generateKeyPair();
const line = `alice@lab namespaces="swarmlet",valid-after="20200101Z" ${pair.publicKey.text} a comment`;

/** True if it gives something or refuses it with a code of ours; anything else is a crash. */
function survives(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (isServiceError(error)) return true;
    throw error;
  }
}

/** Good bytes with some of them changed, cut out or doubled. */
function damaged(good: Buffer): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.nat(good.length),
    kind: fc.constantFrom('set', 'cut', 'add'),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  });
  return fc.array(edit, { minLength: 1, maxLength: 5 }).map((edits) =>
    edits.reduce((bytes, { at, kind, bytes: other }) => {
      const rest = kind === 'add' ? at : at + other.length;
      return Buffer.concat([bytes.subarray(0, at), kind === 'cut' ? Buffer.alloc(0) : other, bytes.subarray(rest)]);
    }, good),
  );
}

interface Parser {
  readonly good: Buffer;
  parse(bytes: Buffer): unknown;
}

const text = (bytes: Buffer): string => bytes.toString('utf8');
const parsers: Readonly<Record<string, Parser>> = {
  envelope: {
    good: Buffer.from(
      JSON.stringify({
        payloadType: 'application/vnd.swarmlet.statement.v1+json',
        payload: 'e30=',
        signatures: [{ keyid: pair.publicKey.id, sig: 'AAAA' }],
      }),
    ),
    parse: (bytes) => parseEnvelope(parseJson(bytes, 'envelope')),
  },
  SSHSIG: { good: signSsh(pair, 'swarmlet', Buffer.from('lamp')), parse: (bytes) => parseSshSignature(bytes) },
  allowed_signers: { good: Buffer.from(`# keys\n${line}\n`), parse: (bytes) => parseAllowedSigners(text(bytes), 'trusted_keys') },
  revoked_keys: {
    good: Buffer.from(`${pair.publicKey.id}\n${pair.publicKey.text}\n`),
    parse: (bytes) => parseRevokedKeys(text(bytes), 'revoked_keys'),
  },
  statement: { good: payloadOf(statements.deploy), parse: (bytes) => parseStatement(bytes) },
};

for (const [name, { good, parse }] of Object.entries(parsers)) {
  it(`${name}: takes what is good, and neither noise nor what was damaged crashes it`, () => {
    parse(good);
    fc.assert(
      fc.property(
        fc.oneof(
          damaged(good),
          fc.uint8Array({ maxLength: 400 }).map(Buffer.from),
          fc.string({ unit: 'binary', maxLength: 200 }).map((one) => Buffer.from(one)),
        ),
        (bytes) => survives(() => parse(bytes)),
      ),
      { numRuns: 3000 },
    );
  });
}

it('statement: any JSON is taken or refused', () => {
  const fields = Object.keys(statements.deploy);
  const statement = fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string()), fc.jsonValue({ maxDepth: 4 }));
  const mixed = fc.oneof(
    statement,
    fc.tuple(statement, fc.constantFrom(...Object.values(statements))).map(([own, base]) => ({ ...base, ...own })),
  );
  fc.assert(
    fc.property(mixed, (value) => survives(() => parseStatement(payloadOf(value)))),
    { numRuns: 3000 },
  );
});

/** Milliseconds of processor time, the least of some tries. */
function cost(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const began = process.cpuUsage();
    survives(run);
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

/** Texts of which a part is repeated, chosen to be hard for parsers that look back. */
const repeated: Readonly<Record<string, (count: number) => Buffer>> = {
  'allowed_signers: principals': (n) => Buffer.from(`${'a,'.repeat(n)}b ${pair.publicKey.text}\n`),
  'allowed_signers: a principal without an end': (n) => Buffer.from(`"${'a '.repeat(n)}`),
  'allowed_signers: options': (n) => Buffer.from(`alice ${'namespaces="x",'.repeat(n)}cert-authority ${pair.publicKey.text}\n`),
  'allowed_signers: quotes in options': (n) => Buffer.from(`alice namespaces="${'\\"'.repeat(n)}" ${pair.publicKey.text}\n`),
  'allowed_signers: blanks': (n) => Buffer.from(`alice ${' \t'.repeat(n)}x\n`),
  'allowed_signers: empty lines': (n) => Buffer.from(' \r\n'.repeat(n)),
  'revoked_keys: lines': (n) => Buffer.from(`${pair.publicKey.id}\n`.repeat(n / 20)),
  'statement: nested': (n) => Buffer.from('{"a":['.repeat(n)),
  'statement: an open text': (n) => Buffer.from(`{"action":"${'\\"'.repeat(n)}`),
  'statement: files': (n) =>
    payloadOf({
      ...statements.deploy,
      files: Object.fromEntries(
        Array.from({ length: Math.min(n / 40, 4000) }, (_, i) => [`f${i}.js`, { sha256: '0'.repeat(64), size: 0 }]),
      ),
    }),
  'statement: digits': (n) => Buffer.from(`{"sequence":${'1'.repeat(n)}}`),
  'statement: a name of a file': (n) =>
    payloadOf({
      ...statements.deploy,
      files: { ...statements.deploy.files, [`${'a.'.repeat(n)}js`]: { sha256: '0'.repeat(64), size: 0 } },
    }),
  'statement: a version': (n) => payloadOf({ ...statements.deploy, version: `1.0.0-${'a.'.repeat(n)}` }),
  'statement: a duration': (n) => payloadOf({ ...statements.deploy, run: { for: `P${'1'.repeat(n)}D` } }),
  'statement: a capability': (n) => payloadOf({ ...statements.deploy, capabilities: [`net:connect:${'a.*'.repeat(n)}:1`] }),
  'statement: a range': (n) => payloadOf({ ...statements.deploy, requires: { npm: { x: '1 || '.repeat(n) } } }),
  'SSHSIG: a namespace': (n) => signSsh(pair, 'x'.repeat(n), Buffer.from('lamp')),
};

for (const [what, make] of Object.entries(repeated)) {
  it(`${what}: eight times as much takes no more than linear time`, () => {
    const parser = parsers[what.split(':')[0] as string] as Parser;
    const [small, large] = [make(20_000), make(160_000)];
    const [few, many] = [cost(() => parser.parse(small)), cost(() => parser.parse(large))];
    // Of quadratic time it would be 64 times as much. What takes less than some milliseconds is no measure.
    assert.ok(many < 20 || many / few < 32, `${few.toFixed(1)} ms, then ${many.toFixed(1)} ms`);
  });
}

it.run();
