import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { errors, isServiceError, printable, shown } from '../../src/errors.ts';

const it = suite('errors');
const readme = join(import.meta.dirname, '../../README.md');
const hasReadme = existsSync(readme);

/** The table of PROTOCOL.md section 5. */
const protocolCodes = `MALFORMED UNSUPPORTED TOO_LARGE UNAUTHENTICATED UNTRUSTED_KEY REVOKED_KEY BAD_SIGNATURE THRESHOLD_NOT_MET FORBIDDEN
  WRONG_AUDIENCE EXPIRED NOT_YET_VALID REPLAYED STALE_SEQUENCE CONFLICT MISSING_BLOB DIGEST_MISMATCH MISSING_DEPENDENCY LIMIT_TOO_HIGH
  QUOTA_EXCEEDED RATE_LIMITED SETUP_FAILED START_TIMEOUT NOT_FOUND BUSY INTERNAL`.split(/\s+/);

it('has every code of the protocol, and besides them only those that stay on the box', () => {
  assert.equal(Object.keys(errors).sort(), [...protocolCodes, 'BAD_FILE', 'BAD_OPTION'].sort());
});

if (!hasReadme) console.log('skipped: the codes in the README: there is no README.md');
(hasReadme ? it : it.skip)('has every code that leaves the box explained in the README', () => {
  const text = readFileSync(readme, 'utf8');
  assert.equal(
    protocolCodes.filter((code) => !text.includes(code)),
    [],
  );
});

it('gives an error its code, a sentence and a detail', () => {
  const error = errors.STALE_SEQUENCE('lamp', 3, 8);
  assert.ok(isServiceError(error));
  assert.is(error.code, 'STALE_SEQUENCE');
  assert.match(error.message, 'not above the last one of this box, 8');
  assert.equal(error.detail, { swarmlet: 'lamp', sequence: 3, last: 8 });
});

it('keeps the subject apart from what is sent', () => {
  const origin = errors.EXPIRED('2026-11-22T18:49:29Z', 0);
  const { stack, detail } = origin;
  const error = origin.about({ principal: 'alice@lab' }).about({ swarmlet: 'lamp' });
  assert.equal(error.subject, { principal: 'alice@lab', swarmlet: 'lamp' });
  assert.equal(error.detail, detail);
  assert.is(error, origin, 'one error, however much is known about it');
  assert.is(error.stack, stack);
  assert.is(error.cause, undefined);
});

it('lets no control character, line end, direction mark or lone surrogate into a message', () => {
  const { message } = errors.MALFORMED('x', 'a\n\u001b[31m\u0085\u202e\u2028\ud800b');
  assert.is(message, 'x: a\\u000a\\u001b[31m\\u0085\\u202e\\u2028\\ud800b');
});

it('cuts what is long', () => {
  assert.is(printable('x'.repeat(5000)).length, 1003);
  assert.is(shown('x'.repeat(5000)).length, 80);
});

it('shows values that JSON has no word for', () => {
  assert.is(shown(undefined), 'undefined');
});

it('makes no stack for an answer, and leaves those of others alone', () => {
  assert.is(errors.UNTRUSTED_KEY('SHA256:a').stack?.includes('\n    at '), false);
  assert.is(new Error('a defect').stack?.includes('\n    at '), true);
});

it.run();
