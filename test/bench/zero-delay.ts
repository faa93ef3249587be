import { performance } from 'node:perf_hooks';
import { Host, WallClock } from '../../hosts/common/index.ts';
import { compile, nodePlatform } from '../../hosts/node/index.ts';
import { inTurns, type Workload } from './workload.ts';

const loop = (n: number): string => `
  exports.setup = function () { this.input('x'); };
  exports.initialize = function () {
    this.addInputHandler('x', function () { var v = this.get('x'); if (v < ${n}) this.send('x', v + 1); else this.stop(); });
    this.send('x', 0);
  };`;

/** An accessor that sends to itself, beside `setImmediate` that asks for the next turn. */
export const zeroDelay: Workload = {
  name: 'zero delay',
  async run(short) {
    const n = short ? 20_000 : 200_000;
    const load = () => ({ code: loop(n), file: 'Loop.js', from: undefined });
    const host = new Host({ clock: new WallClock(nodePlatform), compile, load });
    const measured = await inTurns(
      short ? 3 : 9,
      () =>
        new Promise<number>((resolve) => {
          const accessor = host.instantiate('loop', 'Loop');
          const start = performance.now();
          accessor.once('wrapupEnd', () => resolve((n / (performance.now() - start)) * 1000));
          accessor.initialize();
        }),
      () =>
        new Promise<number>((resolve) => {
          let count = 0;
          const start = performance.now();
          const again = (): void => {
            if (count++ < n) setImmediate(again);
            else resolve((n / (performance.now() - start)) * 1000);
          };
          again();
        }),
    );
    return [{ name: 'send to own input', unit: 'events/s', ...measured }];
  },
};
