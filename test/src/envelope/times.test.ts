import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { durationMs } from '../../../src/envelope/index.ts';
import { code } from '../../support/envelopes.ts';

const it = suite('durations');

it('reads durations', () => {
  assert.is(durationMs('PT90S'), 90_000);
  assert.is(durationMs('P1DT2H3M4.005S'), 93_784_005);
  assert.is(durationMs('P2W'), 1_209_600_000);
  assert.throws(() => durationMs('P1Y'), code('MALFORMED', 'expected an ISO 8601 duration'));
  assert.throws(() => durationMs(`P${'9'.repeat(30)}D`), code('MALFORMED'));
});

it.run();
