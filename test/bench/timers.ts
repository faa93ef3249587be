import { built } from './built.ts';
import { hostWith } from './host-with.ts';
import { atLeast, atMost, median, quantile, type Row, spreadOf, type Workload } from './workload.ts';

const COUNT = 10_000;
const PERIOD_MS = 50;

const ticker = `
  exports.setup = function () { this.parameter('id'); };
  exports.initialize = function () {
    var id = this.getParameter('id'), tick = globalThis.benchTick;
    setInterval(function () { tick(id); }, ${PERIOD_MS});
  };`;

const hooks = globalThis as { benchTick?: (id: number) => void };

interface Seen {
  /** Processor time in parts of a core. */
  readonly cores: number;
  /** Firings in parts of those that were due. */
  readonly firings: number;
  /** Milliseconds, of each firing. */
  readonly lateness: readonly number[];
  /** Firings that came before one that was due earlier, or due at the same time and asked for earlier. */
  readonly unordered: number;
}

/** @param begin  starts the timer of that number, and returns the logical millisecond of its first firing */
async function observe(seconds: number, begin: (id: number) => number, end: () => void): Promise<Seen> {
  const firsts = new Float64Array(COUNT);
  const starts = new Float64Array(COUNT);
  const counts = new Uint32Array(COUNT);
  let lateness: number[] = [];
  let unordered = 0;
  let latest = 0;
  let latestId = 0;
  hooks.benchTick = (id) => {
    const k = (counts[id] as number) + 1;
    counts[id] = k;
    lateness.push(performance.now() - (starts[id] as number) - k * PERIOD_MS);
    const due = (firsts[id] as number) + k * PERIOD_MS;
    if (due < latest || (due === latest && id < latestId)) unordered++;
    latest = due;
    latestId = id;
  };
  for (let id = 0; id < COUNT; id++) {
    starts[id] = performance.now();
    firsts[id] = begin(id);
  }
  await new Promise((resolve) => setTimeout(resolve, 500)); // what came due while the others were made is done
  lateness = [];
  const cpu = process.cpuUsage();
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const elapsed = performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  const firings = lateness.length;
  end();
  return { cores: (user + system) / 1000 / elapsed, firings: firings / ((elapsed / PERIOD_MS) * COUNT), lateness, unordered };
}

function accessors(seconds: number): Promise<Seen> {
  const node = hostWith({ Ticker: ticker });
  const begin = (id: number): number => {
    const accessor = node.instantiate('ticker', 'Ticker');
    accessor.setParameter('id', id);
    accessor.initialize();
    return Object.values(accessor.timers)[0]?.due as number;
  };
  return observe(seconds, begin, () => node.host.stopAllAccessors());
}

/** The reference: as many intervals of the platform. */
function platform(seconds: number): Promise<Seen> {
  const timers: NodeJS.Timeout[] = [];
  const begin = (id: number): number => {
    timers.push(setInterval(() => hooks.benchTick?.(id), PERIOD_MS));
    return 0;
  };
  return observe(seconds, begin, () => {
    for (const timer of timers) clearInterval(timer);
  });
}

/** Ten thousand accessors, each with an interval of 50 ms. */
export const timers: Workload = {
  name: 'timers',
  title: '10,000 accessors with intervals of 50 ms, beside as many intervals of Node',
  async run({ short, step }) {
    const seconds = short ? 1 : 5;
    const [own, reference]: [Seen[], Seen[]] = [[], []];
    for (let i = 0; i < (short ? 1 : 3); i++) {
      step('accessors');
      own.push(await accessors(seconds));
      step('intervals of Node');
      reference.push(await platform(seconds));
    }
    const row = (name: string, unit: string, of: (seen: Seen) => number, target: Row['target'], compared = true): Row => ({
      name,
      unit,
      own: median(own.map(of)),
      ...(compared && { reference: median(reference.map(of)) }),
      spread: spreadOf(own.map(of)),
      ...(target && { target }),
    });
    return [
      row('processor', 'cores', ({ cores }) => cores, atMost(0.25)),
      row('firings of those due', '%', ({ firings }) => Math.round(firings * 1000) / 10, atLeast(99.9)),
      row('lateness, p99', 'ms', ({ lateness }) => quantile(lateness, 0.99), atMost(10)),
      row('out of order', 'firings', ({ unordered }) => unordered, atMost(0), false),
    ];
  },
};

const clockwork = `
  exports.setup = function () {};
  exports.initialize = function () { setInterval(function () { globalThis.benchTick(); }, 10); };`;

/** The reference: an array of times, looked through once for each instant, and callbacks. */
function plainSimulation(count: number, events: number): void {
  const dues = new Float64Array(count).fill(10);
  let done = 0;
  for (let now = 10; done < events; now += 10) {
    for (let i = 0; i < count; i++) {
      if ((dues[i] as number) > now) continue;
      hooks.benchTick?.(i);
      dues[i] = now + 10;
      done++;
    }
  }
}

/** Timer events on the simulated clock: many at one time, and each at its own. */
export const simulated: Workload = {
  name: 'simulated clock',
  title: 'Timer events on the simulated clock',
  async run({ short, step }) {
    const rows: Row[] = [];
    for (const [name, count] of [
      ['1,000 accessors at one time', 1000],
      ['one accessor, each event at its own time', 1],
    ] as const) {
      step(name);
      const events = short ? 20_000 : 500_000;
      const rates: number[] = [];
      const references: number[] = [];
      for (let i = 0; i < (short ? 3 : 7); i++) {
        let fired = 0;
        hooks.benchTick = () => fired++;
        const clock = new built.SimulatedClock(built.nodePlatform);
        const node = hostWith({ Clockwork: clockwork }, clock);
        for (let k = 0; k < count; k++) node.instantiate('c', 'Clockwork').initialize();
        const start = performance.now();
        await clock.run({ until: (events / count) * 10 });
        rates.push((fired / (performance.now() - start)) * 1000);
        node.host.stopAllAccessors();
        const begun = performance.now();
        plainSimulation(count, events);
        references.push((events / (performance.now() - begun)) * 1000);
      }
      rows.push({
        name,
        unit: 'events/s',
        own: median(rates),
        reference: median(references),
        spread: spreadOf(rates),
        target: atLeast(500_000),
      });
    }
    return rows;
  },
};
