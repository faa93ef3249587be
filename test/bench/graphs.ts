import { hostWith } from './host-with.ts';
import { Actor, connect, gain, provide, run, send } from './reference/scheduler.ts';
import { atMost, inTurns, perSecond, type Row, ratioAtLeast, type Workload } from './workload.ts';

const join = `
  exports.setup = function () { this.input('a'); this.input('b'); this.output('out'); };
  exports.fire = function () { this.send('out', this.get('a') + this.get('b')); };`;

/** One accessor that feeds 100, which feed one input of one. */
const wide = `
  exports.setup = function () {
    this.input('in'); this.output('out');
    var first = this.instantiate('first', 'Gain'), last = this.instantiate('last', 'Join');
    this.connect('in', first, 'in');
    for (var i = 0; i < 100; i++) {
      var arm = this.instantiate('arm', 'Gain');
      this.connect(first, 'out', arm, 'in');
      this.connect(arm, 'out', last, 'a');
    }
    this.connect(last, 'out', 'out');
  };`;

const fan = `
  exports.setup = function () {
    this.input('in');
    for (var i = 0; i < 100; i++) this.connect('in', this.instantiate('leaf', 'Gain'), 'in');
  };`;

const series = (n: number): string => `
  exports.setup = function () {
    this.input('in'); this.output('out');
    var last = null;
    for (var i = 0; i < ${n}; i++) {
      var left = this.instantiate('left', 'Gain'), right = this.instantiate('right', 'Gain'), join = this.instantiate('join', 'Join');
      if (last) { this.connect(last, 'out', left, 'in'); this.connect(last, 'out', right, 'in'); }
      else { this.connect('in', left, 'in'); this.connect('in', right, 'in'); }
      this.connect(left, 'out', join, 'a');
      this.connect(right, 'out', join, 'b');
      last = join;
    }
    this.connect(last, 'out', 'out');
  };`;

/** The same graphs on the scheduler of twenty lines. */
const plain = {
  fan(): Actor {
    const first = new Actor((self) => send(self, self.value));
    for (let i = 0; i < 100; i++) connect(first, gain());
    return first;
  },
  wide(): Actor {
    const [first, last] = [gain(), gain()];
    for (let i = 0; i < 100; i++) {
      const arm = gain();
      connect(first, arm);
      connect(arm, last);
    }
    return first;
  },
  series(n: number): Actor {
    const first = new Actor((self) => send(self, self.value));
    for (let i = 0, last = first; i < n; i++) {
      const [left, right, end] = [gain(), gain(), gain()];
      connect(last, left, right);
      connect(left, end);
      connect(right, end);
      last = end;
    }
    return first;
  },
};

/** Inputs a second through a graph, how often its last accessor fires for each, and milliseconds to initialize it. */
async function graph(name: string, code: string, first: Actor, inputs: number, repetitions: number): Promise<Row[]> {
  const top = hostWith({ Graph: code, Join: join }).instantiate('top', 'Graph');
  const begun = performance.now();
  top.initialize();
  const initialize = performance.now() - begun;
  let fired = 0;
  const own = (): void => {
    for (let i = 0; i < inputs; i++) {
      top.provideInput('in', i);
      top.react();
    }
  };
  const reference = (): void => {
    for (let i = 0; i < inputs; i++) {
      provide(first, i);
      run();
    }
  };
  const measured = await inTurns(
    repetitions,
    () => perSecond(inputs, own),
    () => perSecond(inputs, reference),
  );
  top.on('output', () => fired++);
  own();
  top.wrapup();
  const rows: Row[] = [{ name, unit: 'inputs/s', ...measured, target: ratioAtLeast(0.25) }];
  if (top.outputList.includes('out')) {
    rows.push({ name: `${name}: the last fires for each input`, unit: 'times', own: fired / inputs, spread: 0, target: atMost(1) });
  }
  rows.push({ name: `${name}: initialize`, unit: 'ms', own: initialize, spread: 0, target: atMost(1000) });
  return rows;
}

/** Graphs in which values part and meet again. */
export const graphs: Workload = {
  name: 'graphs',
  title: 'Values that part and meet again, beside a scheduler of twenty lines',
  async run({ short, step }) {
    const [inputs, repetitions] = short ? [100, 3] : [5000, 9];
    const n = short ? 1000 : 10_000;
    step('fan-out');
    const rows = await graph('fan-out to 100', fan, plain.fan(), inputs, repetitions);
    step('a diamond of 100 arms');
    rows.push(...(await graph('diamond of 100 arms', wide, plain.wide(), inputs, repetitions)));
    step('diamonds in series');
    rows.push(...(await graph(`${n.toLocaleString('en')} diamonds`, series(n), plain.series(n), 20, repetitions)));
    return rows;
  },
};
