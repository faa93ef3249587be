import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileEntry } from '../../../src/envelope/index.ts';
import { Service } from '../../../src/service.ts';
import type { ServiceOptions } from '../../../src/service-options.ts';
import { FakeTier } from '../../support/fake-tier.ts';
import { folderWith } from '../../support/folder.ts';
import { rejection } from '../../support/rejection.ts';
import { root } from '../../support/run.ts';
import { alice, bob } from '../../support/service.ts';
import { commonFields, deployOf, sealed, trustLine } from '../../support/signed.ts';

const it = suite('a box with a state folder');
const CODE = 'exports.setup = function () {};';

/** A folder with a trust list, and boxes on it one after the other. */
class Place {
  readonly folder = folderWith({ trusted_keys: trustLine('alice@lab', alice) + trustLine('bob@lab', bob), revoked_keys: '' });
  readonly state = join(this.folder.path, 'state');
  readonly open: Service[] = [];
  readonly warnings: string[] = [];

  async box(given: Partial<ServiceOptions> = {}): Promise<Service & { tier: FakeTier }> {
    const tier = new FakeTier();
    const warn = (message: unknown): void => void (typeof message === 'string' && this.warnings.push(message));
    const service = await Service.open({
      state: this.state,
      trustedKeys: join(this.folder.path, 'trusted_keys'),
      revokedKeys: join(this.folder.path, 'revoked_keys'),
      log: { info: () => {}, warn, error: (_: unknown, message?: string) => warn(message) } as ServiceOptions['log'],
      tier,
      selfTest: false,
      ...given,
    });
    this.open.push(service);
    return Object.assign(service, { tier });
  }

  /** Changes what is on disk, as another program would; gives the rows of the last statement. */
  sql(...statements: string[]): unknown[] {
    const code = `const db = new (require('libsql'))(process.argv[1]);
      let rows = []; for (const sql of process.argv.slice(2)) rows = db.prepare(sql).all([]); console.log(JSON.stringify(rows))`;
    return JSON.parse(
      execFileSync(process.execPath, ['-e', code, join(this.state, 'store.db'), ...statements], { cwd: root, encoding: 'utf8' }),
    );
  }

  async remove(): Promise<void> {
    for (const service of this.open) await service.close();
    this.folder.remove();
  }
}

const places: Place[] = [];
const place = (): Place => {
  const made = new Place();
  places.push(made);
  return made;
};
it.after.each(async () => {
  for (const made of places.splice(0)) await made.remove();
});

const change = (action: string, swarmlet: string, sequence: number, more: object = {}): object =>
  sealed({ action, ...commonFields(), swarmlet, sequence, ...more }, alice);
const deploy = (swarmlet: string, sequence: number, more: object = {}): object => sealed(deployOf(swarmlet, sequence, CODE, more), alice);

/** Resolves when a swarmlet is in this state. */
async function state(service: Service, swarmlet: string, wanted: string): Promise<void> {
  const deadline = Date.now() + 5000;
  const current = (): string | undefined => service.list().find((status) => status.swarmlet === swarmlet)?.state;
  while (current() !== wanted) {
    if (Date.now() > deadline) throw new Error(`${swarmlet} is ${current()}, expected ${wanted}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const codeOf = async (promise: Promise<unknown>): Promise<unknown> => ((await rejection(promise)) as { code?: string }).code;

it('runs again after a stop what ran before, and not what somebody had stopped (R14)', async () => {
  const here = place();
  const first = await here.box();
  await first.submit(deploy('lamp', 1));
  await first.submit(deploy('lamp', 2));
  await first.submit(deploy('fan', 1));
  await first.submit(change('undeploy', 'fan', 2));
  const before = first.status('lamp');
  await first.close();
  const second = await here.box();
  await state(second, 'lamp', 'running');
  const { digest, version, sequence, principal } = second.status('lamp');
  assert.equal([digest, version, sequence, principal], [before.digest, '1.0.2', 2, 'alice@lab']);
  assert.is(second.status('fan').state, 'stopped');
  assert.is(second.tier.isolates.length, 1);
  assert.equal(
    (second.history('lamp') as { state: string }[]).map((entry) => entry.state),
    ['running', 'superseded'],
  );
});

it('refuses after a restart what it took before one (R01), and what is older (R04), also of a swarmlet that is gone', async () => {
  const here = place();
  const first = await here.box();
  const envelope = deploy('lamp', 5);
  await first.submit(envelope);
  await first.submit(change('undeploy', 'lamp', 6));
  await first.close();
  const second = await here.box();
  assert.is(await codeOf(second.submit(envelope)), 'REPLAYED');
  assert.is(await codeOf(second.submit(deploy('lamp', 6))), 'STALE_SEQUENCE');
  await second.submit(deploy('lamp', 7));
});

it('runs again what has expired since, by a key that left the list (R07), but nothing by one that was revoked (D15)', async () => {
  const here = place();
  const first = await here.box();
  await first.submit(deploy('lamp', 1));
  await first.submit(sealed(deployOf('fan', 1, CODE), bob));
  await first.close();
  writeFileSync(join(here.folder.path, 'trusted_keys'), '');
  writeFileSync(join(here.folder.path, 'revoked_keys'), `${bob.publicKey.id}\n`);
  const second = await here.box({ now: () => Date.now() + 40 * 24 * 3600_000 });
  await state(second, 'lamp', 'running');
  const { state: fan, reason } = second.status('fan');
  assert.equal([fan, reason], ['stopped', 'revoked']);
  const records = (await second.audit(0, 100)) as { event: string; swarmlet: string; reason: string }[];
  assert.ok(records.some((record) => record.event === 'skipped' && record.swarmlet === 'fan' && record.reason === 'REVOKED_KEY'));
  assert.match(here.warnings.join('\n'), /fan is not started again: .*revoked/);
});

it('skips a version of which a byte was changed on disk, and says so (D15, P09)', async () => {
  const here = place();
  const first = await here.box();
  await first.submit(deploy('lamp', 1));
  await first.submit(deploy('fan', 1));
  await first.close();
  here.sql(
    "update versions set payload = cast(replace(cast(payload as text), 'function ()', 'function( )') as blob) where swarmlet = 'lamp' returning 1",
  );
  const second = await here.box();
  await state(second, 'fan', 'running');
  assert.equal(
    second.list().map(({ swarmlet }) => swarmlet),
    ['fan'],
  );
  assert.match(here.warnings.join('\n'), /version sha256:\w+ of lamp was altered and is skipped/);
  assert.ok(((await second.audit(0, 100)) as { reason?: string }[]).some(({ reason }) => reason === 'altered'));
  assert.is(await codeOf(second.submit(deploy('lamp', 1))), 'STALE_SEQUENCE');
});

it('checks files that travelled by digest again, names them by it, and opens nothing to others (D12, P09)', async () => {
  const here = place();
  const umask = process.umask(0);
  try {
    const first = await here.box();
    const file = 'module.exports = 1;';
    const { text, ...entry } = fileEntry(file);
    assert.is(text, file);
    const files = { 'Main.js': fileEntry(CODE), 'node_modules/x.js': entry };
    assert.is(await codeOf(first.submit(deploy('lamp', 1, { files }))), 'MISSING_BLOB');
    const { FolderBlobs } = await import('../../../src/store/folder-blobs.ts');
    await first.close();
    await new FolderBlobs(join(here.state, 'blobs')).put(`sha256:${entry.sha256}`, Buffer.from(file));
    const second = await here.box();
    await second.submit(deploy('lamp', 1, { files }));
    await second.close();
    const mode = (path: string): number => statSync(join(here.state, path)).mode & 0o777;
    for (const path of ['.', 'blobs']) assert.is(mode(path), 0o700, path);
    for (const path of ['store.db', 'audit.jsonl', 'audit.head', `blobs/${entry.sha256}`]) assert.is(mode(path), 0o600, path);
    const third = await here.box();
    await state(third, 'lamp', 'running');
    assert.is(third.tier.last.image?.files.get('node_modules/x.js'), file);
    await third.close();
    writeFileSync(join(here.state, 'blobs', entry.sha256), 'module.exports = 2;');
    const fourth = await here.box();
    assert.equal(fourth.list(), []);
    assert.match(here.warnings.join('\n'), /files of sha256:\w+ of lamp are not as they were/);
  } finally {
    process.umask(umask);
  }
});

it('counts run.for from the first running on, over restarts, and does not start again what completed once', async () => {
  const here = place();
  const first = await here.box();
  await first.submit(deploy('short', 1, { run: { for: 'PT1H' } }));
  await first.submit(deploy('long', 1, { run: { for: 'PT2H' } }));
  await first.submit(deploy('task', 1, { run: { for: 'once', restart: 'always' } }));
  first.tier.last.end({ kind: 'completed' });
  await state(first, 'task', 'completed');
  await first.close();
  here.sql('update versions set first_running_at = first_running_at - 3600000 returning 1');
  const second = await here.box();
  await state(second, 'long', 'running');
  await state(second, 'short', 'expired');
  assert.is(second.status('task').state, 'completed');
  assert.is(second.tier.isolates.length, 1);
});

it('refuses a folder that another box has, in one line, and one that a newer program wrote', async () => {
  const here = place();
  const first = await here.box();
  const refused = (await rejection(here.box())) as { code: string; message: string };
  assert.is(refused.code, 'BAD_FILE');
  assert.match(refused.message, /another box keeps its state there; stop that one/);
  assert.is(refused.message.includes('\n'), false);
  await first.submit(deploy('lamp', 1)); // the first one goes on
  await first.close();
  here.sql('pragma user_version = 2');
  assert.match(((await rejection(here.box())) as Error).message, /newer version of this program \(format 2, this one reads 1\)/);
});

it('keeps ten versions of a swarmlet, on disk too', async () => {
  const here = place();
  const first = await here.box();
  for (let sequence = 1; sequence <= 13; sequence++) await first.submit(deploy('lamp', sequence));
  await first.close();
  const [{ count }] = here.sql('select count(*) as count from versions') as [{ count: number }];
  assert.is(count, 10);
  assert.is((await here.box()).history('lamp').length, 10);
});

it('lets one of fifty racing copies in, and one of two with one sequence (R13)', async () => {
  const here = place();
  const box = await here.box();
  const envelope = deploy('lamp', 1);
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => box.submit(envelope)));
  assert.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  const two = await Promise.allSettled([box.submit(deploy('fan', 1)), box.submit(deploy('fan', 1))]);
  assert.is(two.filter(({ status }) => status === 'fulfilled').length, 1);
});

/** A file system of 16 MiB: room for the statement, for the database's copy of it, and for its file; undefined where we may not make one. */
function smallDisk(folder: string): (() => void) | undefined {
  mkdirSync(folder, { mode: 0o700 });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs', folder]);
  return status === 0 ? () => void spawnSync('umount', ['-l', folder]) : undefined;
}

/** Does as the answer says: tries again in a moment, while a write that failed before is still on its way. */
async function taken(box: Service, envelope: unknown, tries = 10): Promise<void> {
  try {
    await box.submit(envelope);
  } catch (error) {
    if (tries === 0 || (error as { code?: string }).code !== 'BUSY') throw error;
    await new Promise((resolve) => setTimeout(resolve, 200));
    await taken(box, envelope, tries - 1);
  }
}

it('refuses statements on a full disk and keeps what runs, then takes them again (D14); skipped without the right to mount', async () => {
  const here = place();
  const unmount = smallDisk(here.state);
  if (!unmount) {
    console.log('skipped: a full disk: no right to mount a small file system');
    return;
  }
  try {
    const box = await here.box();
    await box.submit(deploy('lamp', 1));
    const ballast = join(here.state, 'ballast');
    assert.throws(() => {
      for (;;) appendFileSync(ballast, Buffer.alloc(4096));
    });
    const large = sealed(deployOf('lamp', 2, `// ${'x'.repeat(500_000)}`), alice);
    const refused = (await rejection(box.submit(large))) as { code: string; message: string };
    assert.is(refused.code, 'BUSY', refused.message);
    assert.match(refused.message, /out of space on its disk/);
    assert.is(refused.message.includes(here.state), false);
    assert.equal([box.status('lamp').state, box.status('lamp').sequence, box.history('lamp').length], ['running', 1, 1]);
    rmSync(ballast);
    await taken(box, large);
    await box.close();
    const again = await here.box();
    await state(again, 'lamp', 'running');
    assert.is(again.status('lamp').version, '1.0.2');
    await again.close();
    spawnSync('mount', ['-o', 'remount,ro', here.state]);
    const unwritable = (await rejection(here.box())) as { code: string; message: string };
    assert.is(unwritable.code, 'BAD_FILE');
    assert.is(unwritable.message.includes('\n'), false);
  } finally {
    for (const service of here.open) await service.close();
    unmount();
  }
});

// --------------------------------------------------------------------------------------------- kill -9

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
