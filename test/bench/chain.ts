import { hostWith } from './host-with.ts';
import { collect } from './memory.ts';
import { connect, gain, provide, run } from './reference/scheduler.ts';
import { atMost, inTurns, perSecond, type Row, ratioAtLeast, ratioAtMost, type Workload } from './workload.ts';

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

/** Gives values to a chain of that many accessors, and to one of the scheduler in turns; values to `own` and `reference`. */
function chains(n: number): { own(inputs: number): void; reference(inputs: number): void; end(): void } {
  const top = hostWith({ Chain: chain(n) }).instantiate('top', 'Chain');
  top.initialize();
  const first = gain();
  for (let i = 1, last = first; i < n; i++) {
    const next = gain();
    connect(last, next);
    last = next;
  }
  return {
    own(inputs) {
      for (let i = 0; i < inputs; i++) {
        top.provideInput('in', i);
        top.react();
      }
    },
    reference(inputs) {
      for (let i = 0; i < inputs; i++) {
        provide(first, i);
        run();
      }
    },
    end: () => top.wrapup(),
  };
}

/** A chain of gains that is given values one by one, beside the same chain on a scheduler of twenty lines. */
export const reactions: Workload = {
  name: 'chain',
  title: 'Chains of accessors, beside a scheduler of twenty lines',
  async run({ short, step }) {
    const rows: Row[] = [];
    const nanoseconds = new Map<number, { readonly own: number; readonly reference: number }>();
    for (const n of short ? [1, 10, 100, 1000] : [1, 10, 100, 1000, 100_000]) {
      step(`${n} accessors`);
      const { own, reference, end } = chains(n);
      const inputs = Math.ceil((short ? 100_000 : 1_000_000) / n);
      const measured = await inTurns(
        short ? 3 : 15,
        () => perSecond(inputs * n, () => own(inputs)),
        () => perSecond(inputs * n, () => reference(inputs)),
      );
      end();
      nanoseconds.set(n, { own: 1e9 / measured.own, reference: 1e9 / measured.reference });
      rows.push({
        name: `chain of ${n.toLocaleString('en')}`,
        unit: 'reactions/s',
        ...measured,
        ...(n >= 10 && { target: ratioAtLeast(0.25) }),
      });
    }
    const [large, hundred] = [nanoseconds.get(100_000), nanoseconds.get(100)];
    if (large && hundred) {
      const row = (name: string, of: 'own' | 'reference'): Row => ({ name, unit: 'ns', own: large[of], reference: hundred[of], spread: 0 });
      rows.push({ ...row('a reaction at 100,000, beside 100', 'own'), target: ratioAtMost(1.5) });
      rows.push(row("one of the scheduler's at 100,000, beside its 100", 'reference')); // what is due to memory alone
    }
    return rows;
  },
};

/** A chain of 100 that is driven without giving the turn back: nothing may pile up. */
export const unyielding: Workload = {
  name: 'unyielding',
  title: 'A chain of 100 that is given 100,000 values in one turn of the event loop',
  async run({ short, step }) {
    step('100,000 inputs');
    const { own, end } = chains(100);
    const inputs = short ? 10_000 : 100_000;
    const tenth = inputs / 10;
    own(tenth); // compiled by now
    collect();
    const before = process.memoryUsage().heapUsed;
    const times = Array.from({ length: 10 }, () => 1e9 / perSecond(tenth, () => own(tenth)));
    collect();
    const kept = (process.memoryUsage().heapUsed - before) / inputs;
    end();
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    return [
      { name: 'last tenth, beside the first', unit: 'ns/input', own: last, reference: first, spread: 0, target: ratioAtMost(1.25) },
      { name: 'kept for each input', unit: 'bytes', own: Math.max(0, kept), spread: 0, target: atMost(1) },
    ];
  },
};
