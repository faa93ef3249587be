import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { families } from '../../../src/metrics/index.ts';
import { openPage, type TestPage } from '../../support/page.ts';
import { hasPrometheus, promtool, seriesOf } from '../../support/prometheus.ts';
import { rejection } from '../../support/rejection.ts';
import { root } from '../../support/run.ts';
import { alice, mallory } from '../../support/service.ts';
import { commonFields, deployOf, sealed, trustLine } from '../../support/signed.ts';
import { RawClient } from '../../support/socket-client.ts';

const it = suite('the metrics of a box');
if (!hasPrometheus) console.log('skipped: metrics as promtool sees them: Prometheus is not installed');
const withPromtool = hasPrometheus ? it : it.skip;

let page: TestPage;
let sequence = 0;
it.before.each(async () => {
  page = await openPage();
  sequence = 0;
});
it.after.each(() => page.close());

const scrape = (headers: Record<string, string> = {}): Promise<Response> => fetch(`${page.admin.url}/metrics`, { headers });
const metrics = async (): Promise<Map<string, number>> => seriesOf(await (await scrape()).text());
const deploy = (swarmlet: string, more: object = {}, pair = alice): Promise<unknown> =>
  page.box.service.submit(sealed(deployOf(swarmlet, ++sequence, `// ${sequence}`, more), pair));
const change = (swarmlet: string, action: string): Promise<unknown> =>
  page.box.service.submit(sealed({ ...commonFields(), action, swarmlet, sequence: ++sequence }, alice));

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Those of a metric, by the texts of their labels. */
function of(all: ReadonlyMap<string, number>, name: string): Record<string, number> {
  const own = [...all].filter(([series]) => series === name || series.startsWith(`${name}{`));
  return Object.fromEntries(own.map(([series, value]) => [[...series.matchAll(/="([^"]*)"/g)].map(([, text]) => text).join(' '), value]));
}

it('counts pushes by what came of them, and measures how long they took', async () => {
  await deploy('lamp');
  await rejection(deploy('lamp', { replaces: null }));
  page.box.tier.willing = false;
  const failing = rejection(deploy('fan'));
  await until(() => page.box.tier.isolates.length === 2);
  page.box.tier.last.failStart('exception', 'setup', 'no lamp');
  await failing;
  await rejection(deploy('door', {}, mallory));
  const all = await metrics();
  assert.equal(of(all, 'swarmlet_pushes_total'), { 'deployed ': 1, 'refused CONFLICT': 1, 'failed SETUP_FAILED': 1 });
  assert.equal(of(all, 'swarmbox_refusals_total'), { CONFLICT: 1, UNTRUSTED_KEY: 1 });
  assert.equal(of(all, 'swarmlet_push_duration_seconds_count'), { '': 1 });
  assert.equal(of(all, 'swarmlet_push_phase_duration_seconds_count'), { verified: 1, stored: 1, started: 1, running: 1 });
});

it('tells what each swarmlet uses, and nothing of what nobody can tell', async () => {
  await deploy('lamp', { limits: { memoryMiB: 64 } });
  await deploy('fan');
  const [lamp, fan] = page.box.tier.isolates;
  Object.assign(lamp?.used ?? {}, { cpuMs: 1500, memoryMiB: 12.5, lagMs: 4, reactions: 7, droppedLogs: 2 });
  Object.assign(lamp?.used ?? {}, { messagesIn: 1, messagesOut: 2, bytesIn: 30, bytesOut: 40, queuedIn: 5, queuedOut: 6 });
  Object.assign(fan?.used ?? {}, { cpuMs: undefined, memoryMiB: undefined, lagMs: undefined });
  const all = await metrics();
  assert.equal(of(all, 'swarmlet_info'), { 'lamp 1.0.1 process P3': 1, 'fan 1.0.2 process P3': 1 });
  assert.equal(of(all, 'swarmlet_cpu_seconds_total'), { lamp: 1.5 });
  assert.equal(of(all, 'swarmlet_memory_bytes'), { lamp: 12.5 * 2 ** 20 });
  assert.equal(of(all, 'swarmlet_memory_limit_bytes'), { lamp: 64 * 2 ** 20, fan: 128 * 2 ** 20 });
  assert.equal(of(all, 'swarmlet_event_loop_lag_seconds'), { lamp: 0.004 });
  assert.equal(of(all, 'swarmlet_reactions_total'), { lamp: 7, fan: 0 });
  assert.equal(of(all, 'swarmlet_messages_total'), { 'lamp in': 1, 'lamp out': 2, 'fan in': 0, 'fan out': 0 });
  assert.equal(of(all, 'swarmlet_message_bytes_total'), { 'lamp in': 30, 'lamp out': 40, 'fan in': 0, 'fan out': 0 });
  assert.equal(of(all, 'swarmlet_queued_messages'), { 'lamp in': 5, 'lamp out': 6, 'fan in': 0, 'fan out': 0 });
  assert.equal(of(all, 'swarmlet_dropped_logs_total'), { lamp: 2, fan: 0 });
});

it('tells the state of each, its restarts, and why it ended', async () => {
  await deploy('lamp', { run: { restart: 'always' } });
  await deploy('fan');
  const first = page.box.tier.isolates[0];
  first?.end({ kind: 'failed', reason: 'memory', message: 'too much' });
  const restarted = new Promise<void>((resolve) => page.box.service.on('state', ({ to }) => void (to === 'running' && resolve())));
  await restarted;
  await change('fan', 'undeploy');
  const all = await metrics();
  assert.equal(of(all, 'swarmlet_state'), { 'lamp running ': 1, 'fan stopped ': 1 });
  assert.equal(of(all, 'swarmlet_restarts_total'), { lamp: 1, fan: 0 });
  assert.equal(of(all, 'swarmlet_terminations_total'), { 'lamp memory': 1, 'fan stopped': 1 });
  assert.equal(of(all, 'swarmlet_reactions_total'), { lamp: 0 });
  const { running, stopped, failed } = of(all, 'swarmbox_swarmlets');
  assert.is(all.get('swarmbox_swarmlets_limit'), 256);
  assert.equal([running, stopped, failed], [1, 1, 0]);
});

it('tells of the box', async () => {
  await deploy('lamp');
  page.box.trust(`alice@lab namespaces="swarmlet",valid-before="20990101" ${trustLine('alice@lab', alice).split(' ').slice(-2).join(' ')}`);
  page.box.service.trust.reload();
  const box = await page.box.connect();
  const all = await metrics();
  assert.equal(of(all, 'swarmbox_isolation_info'), { 'P3 P2': 1 });
  assert.equal(of(all, 'swarmbox_connections'), { caller: 1, stranger: 0 });
  assert.equal([all.get('swarmbox_ready'), all.get('swarmbox_clock_fault'), all.get('swarmbox_trusted_keys')], [1, 0, 1]);
  assert.is(all.get('swarmbox_trusted_key_expiry_timestamp_seconds'), new Date(2099, 0, 1).getTime() / 1000);
  assert.not(all.has('swarmbox_certificate_expiry_timestamp_seconds'));
  const records = (await page.box.service.audit(0, 1000)).length;
  assert.is(all.get('swarmbox_audit_sequence'), records);
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes']) {
    assert.ok((all.get(name) ?? 0) > 0, name);
  }
  assert.ok(Math.abs((all.get('swarmbox_time_seconds') ?? 0) - Date.now() / 1000) < 60);
  box.close();
});

it('D17: stays within bounds however many names there were, and forgets those that the box forgot', async () => {
  await page.close();
  page = await openPage({ supervisor: { swarmlets: 4 } });
  const pushed = 1000;
  for (let i = 0; i < pushed; i++) {
    await page.box.service.command({ action: 'deploy', swarmlet: `s${i}`, version: '1.0.0', files: { 'S.js': '' }, main: 'S.js' });
    await page.box.service.command({ action: 'undeploy', swarmlet: `s${i}` });
  }
  const all = await metrics();
  const names = new Set([...all.keys()].flatMap((series) => /swarmlet="(\w+)"/.exec(series)?.[1] ?? []));
  assert.ok(names.size <= 8, `${names.size} names`);
  assert.ok(names.has(`s${pushed - 1}`));
  assert.ok(all.size < 400, `${all.size} series`);
});

it('gives what is asked for: OpenMetrics, and compressed', async () => {
  await deploy('lamp');
  const plain = await scrape();
  assert.is(plain.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const open = await scrape({ Accept: 'application/openmetrics-text; version=1.0.0' });
  assert.is(open.headers.get('content-type'), 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.match(await open.text(), /^# TYPE swarmlet_pushes counter$.*\n# EOF\n$/ms);
  const packed = await scrape({ 'Accept-Encoding': 'gzip' });
  assert.is(packed.headers.get('content-encoding'), 'gzip');
  assert.match(await packed.text(), /^swarmlet_info\{swarmlet="lamp"/m);
  assert.is((await scrape({ 'Accept-Encoding': 'identity' })).headers.get('content-encoding'), null);
});

it('D17: only tells, and not whoever comes by a name that is not its own', async () => {
  assert.is((await fetch(`${page.admin.url}/metrics`, { method: 'POST' })).status, 405);
  const { port } = page.admin.address;
  for (const [line, status] of [
    ['Host: evil.example', '421'],
    [`Host: 127.0.0.1:${port}\r\nOrigin: http://evil.example`, '403'],
  ]) {
    const client = new RawClient(port, `GET /metrics HTTP/1.1\r\n${line}\r\nConnection: close\r\n\r\n`);
    await client.closed;
    assert.is(client.received.slice(9, 12), status);
    assert.not.match(client.received, /swarmlet_/);
  }
});

withPromtool('passes what promtool looks at', async () => {
  await deploy('lamp');
  const text = await (await scrape()).text();
  assert.is(await promtool(['check', 'metrics'], text), '');
});

it('has a table in the README, of these metrics and no others', () => {
  const section = /\n## Metrics\n(.*?)\n## /s.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm)].map(([, name, type, labels = '']) => [
    name,
    type,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).join(),
  ]);
  assert.equal(rows.map(String).sort(), families.map(({ name, type, labels }) => String([name, type, labels.join()])).sort());
});

for (const { name, help, type, labels } of families) {
  it(`${name} is named as the others are`, () => {
    assert.match(name, /^(?:swarmlet|swarmbox|process|nodejs)_[a-z_]+$/);
    assert.is(name.endsWith('_total'), type === 'counter');
    assert.not.match(help, /["\\\n]/);
    assert.match(help, /^[A-Z1].*\.$/);
    assert.is(new Set(labels).size, labels.length);
  });
}

it.run();
