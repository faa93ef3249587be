import { hostWith } from './host-with.ts';
import { heapInUse } from './memory.ts';
import { atLeast, inTurns, perSecond, type Row, ratioAtMost, type Workload } from './workload.ts';

const container = (n: number): string => `
  exports.setup = function () { for (var i = 0; i < ${n}; i++) this.instantiate('g', 'Gain'); };`;

/** The reference: objects with the same functions, ports and life cycle, and nothing else. */
class Plain {
  readonly inputs: object[] = [];
  readonly outputs: object[] = [];
  readonly handlers: (() => void)[] = [];
  readonly setup = (): void => {
    this.inputs.push({ name: 'in', value: undefined });
    this.outputs.push({ name: 'out', value: undefined, destinations: [] });
  };
  readonly initialize = (): void => {
    this.handlers.push(() => this.outputs);
  };
  readonly wrapup = (): void => {
    this.handlers.length = 0;
  };
}

/** So many at a time. */
function livesOf(count: number): void {
  const all = Array.from({ length: count }, () => new Plain());
  for (const one of all) one.setup();
  for (const one of all) one.initialize();
  for (const one of all) one.wrapup();
}

/** The life of accessors: made, initialized, wrapped up; with files, as everybody has them. */
export const instantiate: Workload = {
  name: 'instantiate',
  title: 'instantiate, initialize and wrapup, beside plain objects with the same functions',
  async run({ short, step }) {
    const n = short ? 1000 : 10_000;
    const repetitions = short ? 3 : 9;
    const node = hostWith({ Few: container(n / 10), Many: container(n) });
    step('one class');
    const before = await heapInUse();
    const one = await inTurns(
      repetitions,
      () =>
        perSecond(n, () => {
          for (let i = 0; i < n; i++) {
            const accessor = node.instantiate('gain', 'Gain');
            accessor.initialize();
            accessor.wrapup();
          }
        }),
      () =>
        perSecond(n, () => {
          for (let i = 0; i < n; i++) {
            const made = new Plain();
            made.setup();
            made.initialize();
            made.wrapup();
          }
        }),
    );
    step('contained ones');
    const made = (accessorClass: string): void => {
      const top = node.instantiate('top', accessorClass);
      top.initialize();
      top.wrapup();
    };
    const contained = await inTurns(
      repetitions,
      () => 1e9 / perSecond(n, () => made('Many')),
      () =>
        1e9 /
        perSecond(n, () => {
          for (let i = 0; i < 10; i++) made('Few');
        }),
    );
    step('as many plain objects');
    const plain = await inTurns(
      repetitions,
      () => 1e9 / perSecond(n, () => livesOf(n)),
      () =>
        1e9 /
        perSecond(n, () => {
          for (let i = 0; i < 10; i++) livesOf(n / 10);
        }),
    );
    const after = await heapInUse();
    const held: object[] = [];
    for (let i = 0; i < n; i++) held.push(node.instantiate('gain', 'Gain'));
    const full = await heapInUse();
    held.length = 0;
    const back = await heapInUse();
    const rows: Row[] = [
      { name: 'of one class', unit: 'accessors/s', ...one, target: atLeast(200_000) },
      { name: `${n.toLocaleString('en')} contained, beside ten times a tenth`, unit: 'ns each', ...contained, target: ratioAtMost(1.5) },
      { name: 'plain objects: as many, beside ten times a tenth', unit: 'ns each', ...plain }, // what is due to garbage collection alone
      { name: 'memory of one', unit: 'bytes', own: (full - after) / n, spread: 0 },
      { name: 'memory given back', unit: '%', own: (1 - Math.max(0, back - after) / (full - after)) * 100, spread: 0, target: atLeast(99) },
      { name: 'kept after all of it', unit: 'kB', own: Math.max(0, back - before) / 1000, spread: 0 },
    ];
    return rows;
  },
};
