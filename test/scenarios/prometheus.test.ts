import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, keyPairSigner } from '../../src/client/index.ts';
import { push } from '../../src/deploy.ts';
import { folderWith } from '../support/folder.ts';
import { bounded, needing } from '../support/live.ts';
import { hasPrometheus } from '../support/prometheus.ts';
import { type RealBox, realBox } from '../support/real-box.ts';
import { root } from '../support/run.ts';
import { alice } from '../support/service.ts';
import { trustLine } from '../support/signed.ts';

const it = suite('a Prometheus that scrapes two boxes');
const test = needing(it, 'Prometheus', hasPrometheus);
const LIMIT_MS = 60_000;

const folder = folderWith({
  trusted_keys: trustLine('alice@lab', alice),
  'Lamp.js': `exports.setup = function () { this.input('level'); this.output('light'); };
exports.initialize = function () { this.addInputHandler('level', function () { this.send('light', this.get('level')); }); };`,
});
const boxes: RealBox[] = [];
let prometheus: { readonly child: ChildProcess; readonly ended: Promise<unknown> } | undefined;
let api = '';

it.before(async () => {
  if (!hasPrometheus) return;
  const keys = ['--trusted-keys', join(folder.path, 'trusted_keys')];
  const start = async (name: string, ...args: string[]): Promise<RealBox> => {
    mkdirSync(join(folder.path, name), { mode: 0o700 });
    const box = await realBox(...keys, '--pool', '1', '--name', name, '--state', join(folder.path, name), ...args);
    boxes.push(box);
    return box;
  };
  const south = await start('south', '--label', 'room=546', '--discovery', '{}');
  const told = { targets: [new URL(south.url).host], labels: { __meta_swarmbox_admin_port: new URL(south.admin).port } };
  const north = await start('north', '--label', 'room=545', '--discovery', JSON.stringify({ static: told }));
  const { port } = await freePort();
  api = `http://127.0.0.1:${port}/api/v1`;
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(root, 'dist/metrics/alerts.yml')],
    scrape_configs: [
      { job_name: 'swarmbox', scrape_timeout: '1s', http_sd_configs: [{ url: `${north.admin}/http_sd`, refresh_interval: '1s' }] },
    ],
  };
  writeFileSync(join(folder.path, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder.path, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder.path, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder.path },
  );
  prometheus = { child, ended: once(child, 'exit') };
});
it.after(async () => {
  prometheus?.child.kill('SIGTERM');
  await prometheus?.ended;
  for (const box of boxes) await box.end('SIGTERM');
  folder.remove();
});

/** One that was free a moment ago: Prometheus does not tell which one it would take by itself. */
async function freePort(): Promise<{ readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return address;
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function asked<T>(path: string): Promise<T | undefined> {
  const response = await fetch(`${api}/${path}`).catch(() => undefined); // it may not listen yet,
  if (!response || response.status === 503) return undefined; // or listen, and not be ready
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`${path}: ${error}`);
  return data;
}

const query = async (expr: string): Promise<readonly Sample[]> =>
  (await asked<{ readonly result: readonly Sample[] }>(`query?query=${encodeURIComponent(expr)}`))?.result ?? [];

async function until<T>(read: () => Promise<T>, condition: (value: T) => boolean): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const value = await read();
    if (condition(value)) return value;
    if (performance.now() > end) throw new Error(`Waited in vain, last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('finds both by the list of one of them, with their names and labels', async () => {
  const up = await until(
    () => query('up == 1'),
    (found) => found.length === 2,
  );
  assert.equal(up.map(({ metric: { job, box, room } }) => [job, box, room]).sort(), [
    ['swarmbox', 'north', '545'],
    ['swarmbox', 'south', '546'],
  ]);
  // The first scrape may come before the box has looked around.
  await until(
    () => query('swarmbox_discovered_boxes{box="north", source="static"} == 1'),
    (found) => found.length === 1,
  );
});

test('has the series of what runs on them, and of what it does', async () => {
  for (const { url } of boxes) {
    const connection = await bounded(connect(url, { signer: keyPairSigner(alice) }), 'a connection');
    await push(connection, join(folder.path, 'Lamp.js'), { swarmlet: 'lamp' });
    connection.close();
  }
  const found = await until(
    () => query('swarmlet_info * on (instance, swarmlet) group_left (state) swarmlet_state{state="running"}'),
    (series) => series.length === 2,
  );
  assert.equal(found.map(({ metric: { box, swarmlet, state } }) => [box, swarmlet, state]).sort(), [
    ['north', 'lamp', 'running'],
    ['south', 'lamp', 'running'],
  ]);
  for (const metric of ['cpu_seconds_total', 'memory_bytes', 'event_loop_lag_seconds', 'reactions_total']) {
    await until(
      () => query(`swarmlet_${metric}{swarmlet="lamp"}`),
      (series) => series.length === 2,
    );
  }
});

test('answers every query of the dashboard', async () => {
  const { panels } = JSON.parse(readFileSync(join(root, 'dist/metrics/dashboard.json'), 'utf8')) as {
    readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const all = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  const empty = async (): Promise<string[]> => {
    const titles = all.map(async ({ title, expr }) => {
      const times = expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1m');
      return (await query(times.replaceAll('$job', 'swarmbox').replace(/\$\w+/g, '.*'))).length === 0 ? [title] : [];
    });
    return [...new Set((await Promise.all(titles)).flat())];
  };
  // Nothing was refused, nothing ended; a rate takes two scrapes.
  await until(empty, (titles) => titles.join() === 'Ends,Refusals');
});

test('has loaded the alert rules, and finds nothing wrong with them', async () => {
  const rules = await until(
    async () =>
      (await asked<{ groups: { rules: { name: string; health: string }[] }[] }>('rules'))?.groups.flatMap((group) => group.rules) ?? [],
    (all) => all.length > 0 && all.every(({ health }) => health !== 'unknown'),
  );
  assert.equal(
    rules.filter(({ health }) => health !== 'ok'),
    [],
  );
});

it.run();
