import { performance } from 'node:perf_hooks';
import { Host, WallClock } from '../../hosts/common/index.ts';
import { compile, nodePlatform } from '../../hosts/node/index.ts';
import { inTurns, type Row, type Workload } from './workload.ts';

const gain = `
  exports.setup = function () { this.input('in'); this.output('out'); };
  exports.initialize = function () { this.addInputHandler('in', function () { this.send('out', this.get('in') + 1); }); };`;

const chain = (n: number): string => `
  exports.setup = function () {
    this.input('in'); this.output('out');
    var last = null;
    for (var i = 0; i < ${n}; i++) {
      var next = this.instantiate('g', 'Gain');
      if (last) this.connect(last, 'out', next, 'in'); else this.connect('in', next, 'in');
      last = next;
    }
    this.connect(last, 'out', 'out');
  };`;

/** The reference: the same values through plain functions, each calling the next through its list of destinations. */
function plainChain(n: number): (value: number) => void {
  let next: ((value: number) => void)[] = [() => {}];
  for (let i = 0; i < n; i++) {
    const to = next;
    next = [
      (value) => {
        for (const destination of to) destination(value + 1);
      },
    ];
  }
  return next[0] as (value: number) => void;
}

function perSecond(count: number, work: () => void): number {
  const start = performance.now();
  work();
  return (count / (performance.now() - start)) * 1000;
}

/** Reactions of contained accessors, beside a chain of function calls of the same length. */
export const reactions: Workload = {
  name: 'reactions',
  async run(short) {
    const rows: Row[] = [];
    for (const n of [1, 10, 100, 1000]) {
      const load = (name: string) => ({ code: name === 'Gain' ? gain : chain(n), file: name, from: undefined });
      const top = new Host({ clock: new WallClock(nodePlatform), compile, load }).instantiate('top', 'Chain');
      top.initialize();
      const plain = plainChain(n);
      const inputs = Math.ceil((short ? 100_000 : 1_000_000) / n);
      const measured = await inTurns(
        short ? 3 : 9,
        () =>
          perSecond(inputs * n, () => {
            for (let i = 0; i < inputs; i++) {
              top.provideInput('in', i);
              top.react();
            }
          }),
        () =>
          perSecond(inputs * n, () => {
            for (let i = 0; i < inputs; i++) plain(i);
          }),
      );
      top.wrapup();
      rows.push({ name: `chain of ${n} accessors`, unit: 'reactions/s', ...measured });
    }
    return rows;
  },
};
