import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { BenchBox } from './box.ts';
import { bareRelay } from './reference/bare-relay.ts';
import { atLeast, atMost, quantile, spreadOf, type Workload } from './workload.ts';

/** Text that makes an output about a hundred bytes long. */
const TEXT = 'x'.repeat(86);

const flood = `
exports.setup = function () { this.output('out'); };
exports.initialize = function () {
  var self = this;
  setInterval(function () { for (var i = 0; i < 400; i++) self.send('out', '${TEXT}' + i); }, 1);
};`;

/** Ten values each millisecond, with the time of the wall when each was sent. */
const steady = `
exports.setup = function () { this.output('out'); };
exports.initialize = function () {
  var self = this;
  setInterval(function () { for (var i = 0; i < 10; i++) self.send('out', [performance.timeOrigin + performance.now(), '${TEXT}']); }, 1);
};`;

function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Outputs of one swarmlet to a subscriber, beside a bare process whose lines a WebSocket server passes on. */
export const edge: Workload = {
  name: 'edge',
  title: 'Outputs of 100 bytes from a swarmlet to a subscriber, beside lines of a process passed on by a bare server',
  async run({ short, step }) {
    const seconds = short ? 1 : 5;
    const box = await BenchBox.start();
    try {
      const to = await box.connect();
      await to.subscribe('flood', { outputs: true });
      await to.subscribe('steady', { outputs: true });
      let count = 0;
      let dropped = 0;
      const late: number[] = [];
      to.on('dropped', (n) => {
        dropped += n;
      });
      to.on('output', ({ swarmlet, value }) => {
        count++;
        if (swarmlet === 'steady') late.push(performance.timeOrigin + performance.now() - (value as [number])[0]);
      });
      step('as many as there can be');
      await to.deploy(await box.signed(to, 'flood', { 'Flood.js': flood }));
      const rates: number[] = [];
      const references: number[] = [];
      for (let i = 0; i < (short ? 2 : 5); i++) {
        await pause(500);
        count = 0;
        const from = performance.now();
        await pause(seconds * 1000);
        rates.push((count / (performance.now() - from)) * 1000);
      }
      step('a reader that is slow');
      const slow = await box.connect();
      await slow.subscribe('flood', { outputs: true });
      const before = residentMiB(box.pid);
      const until = performance.now() + seconds * 1000;
      let most = before;
      // Nothing is read here, by either connection, while this loop holds the event loop.
      while (performance.now() < until) most = Math.max(most, residentMiB(box.pid));
      slow.close();
      await to.change({ action: 'undeploy', swarmlet: 'flood' });
      step('10,000 a second');
      await to.deploy(await box.signed(to, 'steady', { 'Steady.js': steady }));
      await pause(1000);
      late.length = 0;
      await pause(seconds * 1000);
      const steadyRate = late.length / seconds;
      await to.change({ action: 'undeploy', swarmlet: 'steady' });
      to.close();
      step('the reference');
      for (let i = 0; i < (short ? 1 : 3); i++) references.push(await bareRelay(TEXT, seconds));
      return [
        {
          name: 'as many as there can be',
          unit: 'messages/s',
          own: quantile(rates, 0.5),
          reference: quantile(references, 0.5),
          spread: spreadOf(rates),
          target: atLeast(50_000),
        },
        { name: 'dropped on the way', unit: 'messages', own: dropped, spread: 0 },
        { name: 'at 10,000 a second: rate', unit: 'messages/s', own: steadyRate, spread: 0 },
        { name: 'at 10,000 a second: lateness, p99', unit: 'ms', own: quantile(late, 0.99), spread: 0, target: atMost(5) },
        { name: 'growth of the box with readers that take nothing', unit: 'MiB', own: most - before, spread: 0, target: atMost(64) },
      ];
    } finally {
      await box.stop();
    }
  },
};
