import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CODE, Place } from '../../support/place.ts';
import { root } from '../../support/run.ts';
import { alice } from '../../support/service.ts';
import { deployOf, sealed } from '../../support/signed.ts';

const it = suite('a box that is killed');

const places: Place[] = [];
const place = (): Place => {
  const made = new Place();
  places.push(made);
  return made;
};
it.after.each(async () => {
  for (const made of places.splice(0)) await made.remove();
});

interface Killable {
  readonly child: ChildProcess;
  readonly url: string;
}

async function killable(here: Place): Promise<Killable> {
  const args = [here.state, join(here.folder.path, 'trusted_keys'), join(here.folder.path, 'revoked_keys')];
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'test/support/state-box.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: root,
  });
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  return { child, url: `ws://127.0.0.1:${JSON.parse(line as string).port}/v1` };
}

it('survives kill -9 at any moment: what was answered is there, what was not is there whole or not at all (D13)', async () => {
  const { connect, keyPairSigner } = await import('../../../src/client/index.ts');
  const here = place();
  const deadline = Date.now() + 20_000;
  let [answered, sent] = [0, 0];
  const actions: string[] = [];
  for (let round = 0; round < 14 && Date.now() < deadline; round++) {
    const { child, url } = await killable(here);
    const exited = once(child, 'exit');
    const box = await connect(url, { signer: keyPairSigner(alice) });
    const now = await box.status('lamp').catch((error) => {
      if (answered > 0) throw error;
      return undefined;
    });
    const sequence = now?.sequence ?? 0;
    assert.ok(sequence >= answered && sequence <= sent, `${sequence} is not between ${answered} and ${sent}`);
    // Before or after the last statement, never between: that of the sequence in force has its effect.
    const runs = actions[sequence] === 'deploy';
    for (let status = now; status && (status.state === 'running') !== runs; status = await box.status('lamp')) {
      assert.ok(Date.now() < deadline, `after ${actions[sequence]} ${sequence} it is ${status.state}`);
    }
    sent = sequence;
    answered = sequence;
    // The kill comes a little later each time, wherever the box then is.
    const killed = new Promise((resolve) => setTimeout(() => resolve(child.kill('SIGKILL')), 30 + 9 * round));
    const calls = (async () => {
      for (;;) {
        const action = sent % 3 === 2 ? 'undeploy' : 'deploy';
        const next = sent + 1;
        actions[next] = action;
        sent = next;
        if (action === 'undeploy') await box.change({ action, swarmlet: 'lamp' });
        else {
          const statement = deployOf('lamp', next, CODE, { audience: [box.box.id] });
          await box.deploy({ envelope: sealed(statement, alice), payload: Buffer.from(JSON.stringify(statement)) } as never);
        }
        answered = next;
      }
    })();
    await Promise.allSettled([calls, killed, exited]);
  }
  const last = await here.box();
  assert.ok((last.history('lamp')[0] as { sequence: number }).sequence <= sent);
  assert.ok(sent > 10, `${sent} statements are too few to say anything`);
  const seqs = readFileSync(join(here.state, 'audit.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
  assert.equal(
    seqs,
    seqs.map((_, i) => i + 1),
  );
});

it.run();
