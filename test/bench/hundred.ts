import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { BoxConnection } from '../../src/client/index.ts';
import { BenchBox, useOf } from './box.ts';
import { pushOnce, swarmlet } from './push.ts';
import { atMost, type Bench, median, type Row, ratioAtMost, spreadOf, type Workload } from './workload.ts';

const idle = "exports.setup = function () { this.input('in'); this.output('out'); };";

const ticking = (version: number): string => `
exports.setup = function () { this.output('out'); };
exports.initialize = function () { var self = this; setInterval(function () { self.send('out', ${version}); }, 1); };`;

const stuck = `
exports.setup = function () { this.output('out'); };
exports.initialize = function () { this.send('out', 0); };
exports.wrapup = function () { for (;;); };`;

interface Scene {
  readonly box: BenchBox;
  readonly to: BoxConnection;
  readonly bench: Bench;
  /** As many as in the whole run; few in a short one. */
  count(long: number, short: number): number;
}

async function pushes({ box, to }: Scene, times: number, gapMs: number): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    await pause(gapMs);
    taken.push(await pushOnce(box, to, 'bench', { 'Bench.js': swarmlet(3000, i) }));
  }
  return taken;
}

/** Rows of single pushes and of pushes in a row, beside single ones when nothing ran. */
async function pushing(scene: Scene, alone: readonly number[]): Promise<Row[]> {
  const { box, bench, count } = scene;
  bench.step('pushes beside them');
  const beside = await pushes(scene, count(30, 4), 300);
  bench.step('20 pushes in a row');
  await box.pooled();
  const row = await pushes(scene, 20, 20);
  const reference = median(alone);
  return [
    { name: 'push, p50', unit: 'ms', own: median(beside), reference, spread: spreadOf(beside), target: ratioAtMost(2) },
    { name: 'push, the slowest', unit: 'ms', own: Math.max(...beside), spread: 0, target: atMost(150) },
    { name: '20 pushes 20 ms apart, p50', unit: 'ms', own: median(row), reference, spread: spreadOf(row), target: ratioAtMost(2) },
    { name: '20 pushes 20 ms apart, the slowest', unit: 'ms', own: Math.max(...row), spread: 0, target: atMost(150) },
  ];
}

async function resting({ box, bench, count }: Scene, running: number, before: number): Promise<Row[]> {
  bench.step('at rest');
  await box.pooled();
  await pause(count(15_000, 500)); // what was made is settled, and probation is over
  const shares: number[] = [];
  for (let i = 0; i < count(5, 1); i++) {
    const from = useOf(box.pid).cpuSeconds;
    const begun = performance.now();
    await pause(count(3000, 1000));
    shares.push(((useOf(box.pid).cpuSeconds - from) / (performance.now() - begun)) * 1e5);
  }
  const each = (useOf(box.pid).privateBytesBelow - before) / running / 2 ** 20;
  return [
    { name: 'processor at rest', unit: '% of a core', own: median(shares), spread: spreadOf(shares), target: atMost(2) },
    { name: 'private memory of each', unit: 'MiB', own: each, spread: 0, target: atMost(10_000_000 / 2 ** 20) },
  ];
}

async function listing({ to, bench }: Scene): Promise<Row> {
  bench.step('list');
  const lists: number[] = [];
  for (let i = 0; i < 20; i++) {
    const at = performance.now();
    await to.list();
    lists.push(performance.now() - at);
  }
  return { name: 'list', unit: 'ms', own: median(lists), spread: spreadOf(lists), target: atMost(50) };
}

/** Between the last output of a version and the first of the next. */
async function upgrading({ box, to, bench, count }: Scene): Promise<Row> {
  bench.step('upgrades');
  const gaps: number[] = [];
  await to.subscribe('ticking', { outputs: true });
  let last = 0;
  let running: unknown;
  to.on('output', ({ swarmlet: name, value }) => {
    if (name !== 'ticking') return;
    const now = performance.now();
    if (value !== running && running !== undefined) gaps.push(now - last);
    running = value;
    last = now;
  });
  for (let i = 0; i < count(20, 3); i++) {
    await to.deploy(await box.signed(to, 'ticking', { 'Ticking.js': ticking(i) }));
    await pause(300);
  }
  return {
    name: 'an upgrade: between the last output and the first',
    unit: 'ms',
    own: median(gaps),
    spread: spreadOf(gaps),
    target: atMost(5),
  };
}

async function ending({ box, to, bench }: Scene): Promise<Row> {
  bench.step('one that is stuck');
  await to.deploy(await box.signed(to, 'stuck', { 'Stuck.js': stuck }));
  const at = performance.now();
  await to.change({ action: 'undeploy', swarmlet: 'stuck' });
  const own = performance.now() - at;
  return { name: 'stopping one that is stuck, beside wrapupMs', unit: 'ms', own, reference: 2000, spread: 0, target: ratioAtMost(2) };
}

/** A box on which a hundred swarmlets run; with `--part` as many of them as that part needs. */
export const hundred: Workload = {
  name: 'hundred',
  title: 'A box on which 100 swarmlets run, beside the same box when nothing runs',
  async run(bench) {
    const { short, wants, step } = bench;
    const box = await BenchBox.start(short ? 2 : undefined);
    const rows: Row[] = [];
    try {
      const to = await box.connect();
      await to.subscribe('bench', { outputs: true });
      const scene: Scene = { box, to, bench, count: (long, few) => (short ? few : long) };
      step('pushes to an idle box');
      const alone = (await pushes(scene, wants('push') ? scene.count(30, 4) : 2, 300)).slice(1);
      const before = useOf(box.pid).privateBytesBelow;
      const running = ['push', 'rest', 'list'].some(wants) ? scene.count(100, 5) : 0;
      for (let i = 0; i < running; i++) {
        step(`${i} run`);
        await to.deploy(await box.signed(to, `idle-${i}`, { 'Idle.js': idle }));
      }
      if (wants('rest')) rows.push(...(await resting(scene, running, before)));
      if (wants('list')) rows.push(await listing(scene));
      if (wants('push')) rows.push(...(await pushing(scene, alone)));
      if (wants('upgrade')) rows.push(await upgrading(scene));
      if (wants('stuck')) rows.push(await ending(scene));
      to.close();
      return rows;
    } finally {
      await box.stop();
    }
  },
};
