import { hostWith } from './host-with.ts';
import { atLeast, atMost, inTurns, quantile, type Row, type Workload } from './workload.ts';

const loop = (n: number): string => `
  exports.setup = function () { this.input('x'); };
  exports.initialize = function () {
    this.addInputHandler('x', function () { var v = this.get('x'); if (v < ${n}) this.send('x', v + 1); else this.stop(); });
    this.send('x', 0);
  };`;

/** Sends by a callback without delay, again and again, through a composite to an accessor that reacts to it. */
const source = (n: number): string => `
  exports.setup = function () { this.output('out', { spontaneous: true }); };
  exports.initialize = function () {
    var self = this, v = 0;
    function next() { self.send('out', v); if (v++ < ${n}) setTimeout(next, 0); else self.stop(); }
    setTimeout(next, 0);
  };`;
const spontaneous = `
  exports.setup = function () { this.connect(this.instantiate('s', 'Source'), 'out', this.instantiate('g', 'Gain'), 'in'); };`;

/** The reference: a list of callbacks, worked off four milliseconds at a time. */
function plainLoop(n: number): Promise<void> {
  return new Promise((resolve) => {
    const waiting: (() => void)[] = [];
    let count = 0;
    const next = (): void => {
      if (count++ < n) waiting.push(next);
      else resolve();
    };
    const work = (): void => {
      const end = performance.now() + 4;
      while (waiting.length > 0) {
        (waiting.pop() as () => void)();
        if ((count & 31) === 0 && performance.now() > end) break;
      }
      if (waiting.length > 0) setImmediate(work);
    };
    waiting.push(next);
    work();
  });
}

/** Milliseconds by which a timer of one millisecond comes late, as long as `during` is under way. */
async function lateness(during: Promise<void>): Promise<number[]> {
  const late: number[] = [];
  let over = false;
  void during.finally(() => {
    over = true;
  });
  while (!over) {
    const begun = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1));
    late.push(performance.now() - begun - 1);
  }
  return late;
}

/** Events that cause each other without delay, while the event loop must go on. */
export const zeroDelay: Workload = {
  name: 'zero delay',
  title: 'Events that cause each other without delay, beside a list of callbacks',
  async run({ short, step }) {
    const n = short ? 50_000 : 1_000_000;
    const node = hostWith({ Loop: loop(n), Source: source(n), Spontaneous: spontaneous });
    const late: number[] = [];
    const run = async (accessorClass: string): Promise<number> => {
      const accessor = node.instantiate('top', accessorClass);
      const start = performance.now();
      const ended = new Promise<void>((resolve) => accessor.once('wrapupEnd', resolve));
      accessor.initialize();
      late.push(...(await lateness(ended)));
      return (n / (performance.now() - start)) * 1000;
    };
    const reference = async (): Promise<number> => {
      const start = performance.now();
      await plainLoop(n);
      return (n / (performance.now() - start)) * 1000;
    };
    const rows: Row[] = [];
    for (const [name, accessorClass] of [
      ['an accessor that sends to itself', 'Loop'],
      ['a spontaneous source in a composite', 'Spontaneous'],
    ] as const) {
      step(name);
      rows.push({ name, unit: 'events/s', ...(await inTurns(short ? 3 : 7, () => run(accessorClass), reference)), target: atLeast(1e6) });
    }
    rows.push({ name: 'a timer of 1 ms beside it is late, p99', unit: 'ms', own: quantile(late, 0.99), spread: 0, target: atMost(10) });
    return rows;
  },
};
