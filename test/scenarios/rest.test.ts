import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, keyPairSigner, type Signed } from '../../src/client/index.ts';
import { folderWith } from '../support/folder.ts';
import { descendants, realBox } from '../support/real-box.ts';
import { alice } from '../support/service.ts';
import { deployOf, sealed, trustLine } from '../support/signed.ts';

/** What a box costs while nothing happens, counted instead of timed: how often the system has to wake it. */
const it = suite('a box at rest');

const windowMs = 5000;
/** It wakes 8 to 10 times a second: 5 to look at its isolates, the rest at files. With looks at its files 4 times a second it was 16 to 24. */
const mostWakes = (12 * windowMs) / 1000;
/** What is tidied after a start is over by then, on a busy machine too. */
const patienceMs = 120_000;

/** How often the main threads of these processes slept until something woke them. */
function sleeps(pids: readonly number[]): number {
  return pids.reduce(
    (sum, pid) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    0,
  );
}

it('is seldom woken, and its swarmlets never', async () => {
  const folder = folderWith({ trusted_keys: trustLine('alice@lab', alice), revoked_keys: '' });
  const files = ['--trusted-keys', join(folder.path, 'trusted_keys'), '--revoked-keys', join(folder.path, 'revoked_keys')];
  const box = await realBox('--state', join(folder.path, 'state'), ...files);
  try {
    const connection = await connect(box.url, { signer: keyPairSigner(alice) });
    for (const name of ['lamp', 'door', 'bell']) {
      const statement = deployOf(name, 1, "exports.setup = function () { this.input('in'); };");
      await connection.deploy({ envelope: sealed(statement, alice), payload: Buffer.from(JSON.stringify(statement)) } as Signed);
    }
    connection.close();
    const until = performance.now() + patienceMs;
    let woken: { box: number; isolates: number };
    do {
      const isolates = descendants(box.pid).map(({ pid }) => pid);
      const before = { box: sleeps([box.pid]), isolates: sleeps(isolates) };
      await pause(windowMs);
      woken = { box: sleeps([box.pid]) - before.box, isolates: sleeps(isolates) - before.isolates };
    } while (woken.isolates > 0 && performance.now() < until);
    assert.is(woken.isolates, 0);
    assert.ok(woken.box <= mostWakes, `the box was woken ${woken.box} times in ${windowMs} ms`);
  } finally {
    await box.end('SIGTERM');
    folder.remove();
  }
});

it.run();
