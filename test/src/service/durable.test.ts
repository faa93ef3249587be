import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileEntry } from '../../../src/envelope/index.ts';
import { Policy } from '../../../src/trust/index.ts';
import { CODE, change, codeOf, deploy, Place, state } from '../../support/place.ts';
import { rejection } from '../../support/rejection.ts';
import { bob } from '../../support/service.ts';
import { commonFields, deployOf, sealed } from '../../support/signed.ts';

const it = suite('a box with a state folder');

const places: Place[] = [];
const place = (): Place => {
  const made = new Place();
  places.push(made);
  return made;
};
it.after.each(async () => {
  for (const made of places.splice(0)) await made.remove();
});

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

it('shows after a stop what was printed before it, of what was stopped and of what failed too, and forgets what nobody knows', async () => {
  const here = place();
  const first = await here.box({ supervisor: { swarmlets: 1 } });
  await first.submit(deploy('lamp', 1));
  first.tier.last.emit('log', 'info', 'on');
  first.tier.last.end({ kind: 'failed', reason: 'memory', message: 'used 300 MiB of 128' });
  await first.submit(change('undeploy', 'lamp', 2));
  await first.close();
  const second = await here.box({ supervisor: { swarmlets: 1 } });
  const texts = (box: typeof first, name = 'lamp'): string[] => box.logs(name).map(({ line }) => line);
  assert.equal(texts(second), ['on', 'memory: used 300 MiB of 128']);
  for (const name of ['fan', 'door']) {
    await second.submit(deploy(name, 1));
    second.tier.last.emit('log', 'info', `of ${name}`);
    await second.submit(change('undeploy', name, 2));
  }
  await second.close();
  assert.equal(readdirSync(join(here.state, 'logs/now')), ['door']);
  assert.equal(texts(await here.box(), 'door'), ['of door']);
});

it('tells in its log why it did not start, also when nobody waited for it', async () => {
  const here = place();
  const box = await here.box();
  box.tier.willing = false;
  const failing = codeOf(box.submit(deploy('lamp', 1)));
  while (box.tier.isolates.length === 0) await new Promise((resolve) => setImmediate(resolve));
  box.tier.last.failStart('exception', 'setup', 'no bulb');
  assert.is(await failing, 'SETUP_FAILED');
  assert.match(box.logs('lamp')[0]?.line ?? '', /lamp.*no bulb/);
});

it('carries out at the next start what it took while it stopped, and says so to the sender', async () => {
  const here = place();
  const first = await here.box();
  await first.submit(deploy('lamp', 1));
  await first.submit(deploy('plug', 1));
  await first.submit(deploy('bell', 1));
  first.tier.willing = false;
  const upgrade = deploy('lamp', 2);
  const waiting = [first.submit(upgrade), first.submit(deploy('fan', 1))].map(rejection);
  const inTimeOrNot = first.submit(change('undeploy', 'plug', 2)).catch(() => {}); // nothing keeps it from being done before the end
  const behind = rejection(first.submit(change('undeploy', 'lamp', 3)));
  await new Promise((resolve) => setImmediate(resolve));
  await first.close();
  await inTimeOrNot;
  for (const error of await Promise.all([...waiting, behind])) {
    assert.equal(
      [error.code, error.message],
      ['BUSY', 'The box is stopping; it took this statement, and carries it out when it starts again'],
    );
  }
  const second = await here.box();
  await state(second, 'fan', 'running');
  await state(second, 'lamp', 'stopped');
  await state(second, 'bell', 'running');
  assert.is(second.status('plug').state, 'stopped');
  assert.is(second.tier.isolates.length, 2, 'nothing runs twice');
  const again = await rejection(second.submit(upgrade));
  assert.equal([again.code, (again.detail as { sequence: number }).sequence], ['REPLAYED', 2]);
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
  here.sql('pragma user_version = 99');
  assert.match(((await rejection(here.box())) as Error).message, /newer version of this program \(format 99, this one reads \d+\)/);
});

it('reads a folder that an older program wrote', async () => {
  const here = place();
  const first = await here.box();
  await first.submit(deploy('lamp', 1));
  await first.submit(deploy('lamp', 2));
  await first.close();
  here.sql(
    ...['previous', 'previous_until'].map((column) => `alter table names drop column ${column}`),
    'alter table clock drop column restored',
    'pragma user_version = 1',
  );
  const second = await here.box();
  await state(second, 'lamp', 'running');
  assert.equal([second.status('lamp').sequence, second.history('lamp').length], [2, 2]);
  await second.close();
  const [{ user_version }] = here.sql('pragma user_version') as [{ user_version: number }];
  assert.ok(user_version > 1);
});

it('gives the place back when the box ended between the failure of a new version and that', async () => {
  const here = place();
  const first = await here.box();
  await first.submit(deploy('lamp', 1));
  await first.submit(deploy('lamp', 2));
  await first.close();
  here.sql("update versions set state = 'failed', reason = 'exit' where number = (select max(number) from versions) returning 1");
  const second = await here.box();
  await state(second, 'lamp', 'running');
  const [failed, old] = second.history('lamp') as { state: string; givenBack?: boolean }[];
  assert.equal([second.status('lamp').version, failed?.state, old?.state, old?.givenBack], ['1.0.1', 'failed', 'running', true]);
});

it('starts again the version in place before one that was accepted after it, so that it can be given back', async () => {
  const here = place();
  const first = await here.box();
  await first.submit(deploy('lamp', 1));
  await first.submit(deploy('lamp', 2));
  const [second, before] = (first.history('lamp') as { digest: string }[]).map(({ digest }) => digest);
  await first.close();
  const pending = JSON.stringify([{ action: 'deploy', sequence: 2, digest: second }]);
  here.sql(`update names set placed = '${before}', shown = '${before}', pending = '${pending}' returning 1`);
  const again = await here.box();
  while ((again.history('lamp')[0] as { state: string }).state !== 'running' || again.tier.isolates.length < 2) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  again.tier.last.end({ kind: 'failed', reason: 'exception', message: 'no good' });
  await state(again, 'lamp', 'running');
  assert.is(again.status('lamp').version, '1.0.1');
});

it('goes on with the probation of a new version after a restart', async () => {
  const here = place();
  const first = await here.box();
  for (const name of ['lamp', 'fan']) for (const sequence of [1, 2]) await first.submit(deploy(name, sequence));
  await first.close();
  here.sql("update names set previous_until = 1 where swarmlet = 'fan' returning 1"); // it was over
  const second = await here.box();
  await state(second, 'lamp', 'running');
  await state(second, 'fan', 'running');
  for (const isolate of second.tier.isolates) isolate.end({ kind: 'failed', reason: 'exception', message: 'no good' });
  await state(second, 'fan', 'backoff');
  await state(second, 'lamp', 'running');
  assert.equal([second.status('lamp').version, second.status('fan').version], ['1.0.1', '1.0.2']);
});

it('tries again what the box left between a failure and the next try, and not what never ran', async () => {
  const here = place();
  const first = await here.box();
  for (const name of ['lamp', 'fan', 'loop', 'once'])
    await first.submit(deploy(name, 1, name === 'once' ? { run: { restart: 'never' } } : {}));
  await first.close();
  here.sql(
    "update versions set state = 'failed', reason = 'exception' returning 1",
    "update versions set first_running_at = null where swarmlet = 'fan' returning 1",
    "update versions set reason = 'crash-loop' where swarmlet = 'loop' returning 1",
  );
  const second = await here.box();
  await state(second, 'lamp', 'running');
  assert.equal(
    ['fan', 'loop', 'once'].map((name) => second.status(name).state),
    ['failed', 'failed', 'failed'],
  );
});

it('does not start again after a restart what somebody took off the box, and bounds it by policy', async () => {
  const here = place();
  const policy = Policy.parse([{ limits: { memoryMiB: 64 } }]);
  const first = await here.box({ policy });
  await first.submit(deploy('lamp', 1));
  await first.submit(change('undeploy', 'lamp', 2));
  await first.close();
  const second = await here.box({ policy });
  assert.is(second.status('lamp').limits.memoryMiB, 64);
  assert.is(await codeOf(second.submit(change('restart', 'lamp', 3))), 'NOT_FOUND');
  assert.is(second.tier.isolates.length, 0);
});

it('says when its clock cannot be right, and takes it to be no earlier than what it accepted (R08)', async () => {
  const here = place();
  const first = await here.box();
  assert.is(first.clock, undefined);
  await first.submit(deploy('lamp', 1));
  await first.close();
  const second = await here.box({ now: () => 0 });
  assert.match(second.clock ?? '', /^the clock says 1970-01-01T00:00:00.000Z, which cannot be$/);
  assert.match(here.warnings.join('\n'), /the clock says 1970/);
  await state(second, 'lamp', 'running');
  const old = { ...commonFields(Date.now() - 3_600_000) };
  assert.is(await codeOf(second.submit(deploy('lamp', 2, old))), 'EXPIRED');
  await second.submit(deploy('lamp', 2));
  await second.close();
  const third = await here.box({ now: () => Date.now() - 3_600_000 });
  assert.match(third.clock ?? '', /^the clock says .*, before .*, when a file in .* was written$/);
});

it('has the last record signed when it has stopped', async () => {
  const here = place();
  const first = await here.box();
  for (const sequence of [1, 2, 3]) await first.submit(deploy('lamp', sequence));
  await first.close();
  const last = readFileSync(join(here.state, 'audit.jsonl'), 'utf8').trimEnd().split('\n').length;
  assert.is(JSON.parse(readFileSync(join(here.state, 'audit.head'), 'utf8')).seq, last);
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

it.run();
