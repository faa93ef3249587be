import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Policy } from '../../../src/trust/index.ts';
import { rejection } from '../../support/rejection.ts';
import { alice, bob, openBox, type TestBox } from '../../support/service.ts';
import { deployOf, sealed } from '../../support/signed.ts';

const code = `exports.setup = function () { this.output('out'); };
exports.initialize = function () { this.send('out', 7); };`;
const rules = [{ principals: ['alice@lab'], isolation: 'inline', limits: { memoryMiB: 200 } }, { principals: ['bob@lab'] }];

const it = suite('isolation tiers and limits of a box');
let box: TestBox;
it.before(async () => {
  box = await openBox({ policy: Policy.parse(rules, { restarts: 1 }) });
});
it.after(() => box.close());

it('runs a swarmlet in the tier that it asks for, where policy lets it', async () => {
  const output = new Promise((resolve) => box.service.once('output', resolve));
  await box.service.submit(sealed(deployOf('inside', 1, code, { isolation: 'inline' }), alice));
  assert.is(((await output) as { value: unknown }).value, 7);
  const { isolation, level, state } = box.service.status('inside');
  assert.equal([isolation, level, state, box.tier.isolates.length], ['inline', 'I', 'running', 0]);
  const { code: refused } = await rejection(box.service.submit(sealed(deployOf('other', 1, code, { isolation: 'thread' }), bob)));
  assert.is(refused, 'FORBIDDEN');
});

it('takes the limits of a statement up to what policy allows, and bounds the others', async () => {
  await box.service.submit(sealed(deployOf('lamp', 1, code, { limits: { memoryMiB: 200, cpuPercent: 20, probationMs: 0 } }), alice));
  const { memoryMiB, cpuPercent, probationMs, restarts } = box.service.status('lamp').limits;
  assert.equal([memoryMiB, cpuPercent, probationMs, restarts], [200, 20, 0, 1]);
  for (const limits of [{ memoryMiB: 129 }, { cpuPercent: 101 }, { restarts: 2 }]) {
    const error = await rejection(box.service.submit(sealed(deployOf('fan', 1, code, { limits }), bob)));
    assert.equal([error.code, (error.detail as { limit: string }).limit], ['LIMIT_TOO_HIGH', Object.keys(limits)[0]]);
  }
});

it.run();
