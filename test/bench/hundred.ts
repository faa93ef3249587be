import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { BenchBox, useOf } from './box.ts';
import { pushOnce, swarmlet } from './push.ts';
import { atMost, median, quantile, type Row, ratioAtMost, spreadOf, type Workload } from './workload.ts';

const idle = "exports.setup = function () { this.input('in'); this.output('out'); };";

const ticking = (version: number): string => `
exports.setup = function () { this.output('out'); };
exports.initialize = function () { var self = this; setInterval(function () { self.send('out', ${version}); }, 1); };`;

const stuck = `
exports.setup = function () { this.output('out'); };
exports.initialize = function () { this.send('out', 0); };
exports.wrapup = function () { for (;;); };`;

/** A box on which a hundred swarmlets run. */
export const hundred: Workload = {
  name: 'hundred',
  title: 'A box on which 100 swarmlets run, beside the same box when nothing runs',
  async run({ short, step }) {
    const count = short ? 5 : 100;
    const box = await BenchBox.start(2);
    const rows: Row[] = [];
    try {
      const to = await box.connect();
      await to.subscribe('bench', { outputs: true });
      const pushes = async (times: number, gapMs: number): Promise<number[]> => {
        const taken: number[] = [];
        for (let i = 0; i < times; i++) {
          await pause(gapMs);
          taken.push(await pushOnce(box, to, 'bench', { 'Bench.js': swarmlet(3000, i) }));
        }
        return taken;
      };
      step('pushes to an idle box');
      const alone = (await pushes(short ? 4 : 30, 300)).slice(1);
      const before = useOf(box.pid).privateBytesBelow;
      for (let i = 0; i < count; i++) {
        step(`${i} run`);
        await to.deploy(await box.signed(to, `idle-${i}`, { 'Idle.js': idle }));
      }
      step('at rest');
      await pause(short ? 500 : 15_000); // what was made is settled, and probation is over
      const from = useOf(box.pid);
      const begun = performance.now();
      await pause(short ? 1000 : 10_000);
      const after = useOf(box.pid);
      const share = ((after.cpuSeconds - from.cpuSeconds) / (performance.now() - begun)) * 1e5;
      rows.push({ name: 'processor at rest', unit: '% of a core', own: share, spread: 0, target: atMost(2) });
      const each = (after.privateBytesBelow - before) / count / 1024 / 1024;
      rows.push({ name: 'private memory of each', unit: 'MiB', own: each, spread: 0, target: atMost(10_000_000 / 1024 / 1024) });
      step('list');
      const lists: number[] = [];
      for (let i = 0; i < 20; i++) {
        const at = performance.now();
        await to.list();
        lists.push(performance.now() - at);
      }
      rows.push({ name: 'list', unit: 'ms', own: median(lists), spread: spreadOf(lists), target: atMost(50) });
      step('pushes beside them');
      const beside = await pushes(short ? 4 : 30, 300);
      rows.push({
        name: 'push, p50, beside an idle box',
        unit: 'ms',
        own: median(beside),
        reference: median(alone),
        spread: spreadOf(beside),
        target: ratioAtMost(2),
      });
      step('20 pushes in a row');
      const row = await pushes(20, 20);
      rows.push({ name: '20 pushes 20 ms apart, p50', unit: 'ms', own: median(row), spread: spreadOf(row) });
      rows.push({ name: '20 pushes 20 ms apart, the slowest', unit: 'ms', own: Math.max(...row), spread: 0, target: atMost(150) });
      step('upgrades');
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
      for (let i = 0; i < (short ? 3 : 20); i++) {
        await to.deploy(await box.signed(to, 'ticking', { 'Ticking.js': ticking(i) }));
        await pause(300);
      }
      rows.push({
        name: 'an upgrade: between the last output and the first',
        unit: 'ms',
        own: quantile(gaps, 0.5),
        spread: spreadOf(gaps),
        target: atMost(5),
      });
      step('one that is stuck');
      const signed = await box.signed(to, 'stuck', { 'Stuck.js': stuck });
      await to.deploy(signed);
      const at = performance.now();
      await to.change({ action: 'undeploy', swarmlet: 'stuck' });
      const ended = performance.now() - at;
      rows.push({
        name: 'stopping one that is stuck, beside wrapupMs',
        unit: 'ms',
        own: ended,
        reference: 2000,
        spread: 0,
        target: ratioAtMost(2),
      });
      to.close();
      return rows;
    } finally {
      await box.stop();
    }
  },
};
