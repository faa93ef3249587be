/**
 * What isolates cost: `npm run build && npx tsx hosts/node/isolate/isolate.bench.ts [P1|P2|P3]`.
 */
import { cpuUsage } from 'node:process';
import { nothing } from '../edge/index.ts';
import { type Isolate, isolateDefaults, openProcessTier, type ProcessLevel, type SwarmletImage } from './index.ts';

const level = process.argv[2] as ProcessLevel | undefined;
const fast = { ...isolateDefaults, messagesPerSecond: 1_000_000 };

function swarmlet(initialize: string): SwarmletImage {
  const code = `exports.setup = function () { this.input('in'); this.output('out'); };
exports.initialize = function () { var self = this; ${initialize} };`;
  return {
    name: 'bench',
    main: 'bench.js',
    files: new Map([['bench.js', code]]),
    modules: [],
    principal: 'bench',
    reach: nothing,
    parameters: {},
    inputs: {},
    trusted: false,
  };
}

const hello = swarmlet("this.send('out', 'hello');");
const echo = swarmlet("this.addInputHandler('in', function () { self.send('out', self.get('in')); });");
const flood = swarmlet(`var batch = 0; setInterval(function () { for (var i = 0; i < 200; i++) self.send('out', i); }, 1);`);
const idle = swarmlet('');

function show(what: string, times: number[], unit = 'ms'): void {
  times.sort((a, b) => a - b);
  const at = (part: number): string => (times[Math.min(times.length - 1, Math.floor(times.length * part))] as number).toFixed(2);
  console.log(`${what}: p50 ${at(0.5)} ${unit}, p95 ${at(0.95)} ${unit}, p99 ${at(0.99)} ${unit} (${times.length})`);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const output = (isolate: Isolate): Promise<void> => new Promise((resolve) => isolate.once('output', () => resolve()));

async function starts(what: string, pool: number, count: number, gapMs: number): Promise<void> {
  const tier = await openProcessTier({ pool, log: console.log, ...(level && { level }) });
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    while (tier.spares < pool) await pause(10);
    await pause(gapMs);
    const at = performance.now();
    const isolate = await tier.claim(isolateDefaults);
    const first = output(isolate);
    const started = isolate.start(hello, isolateDefaults);
    await first;
    times.push(performance.now() - at);
    await started;
    await isolate.wrapup();
  }
  show(what, times);
  await tier.close();
}

async function traffic(): Promise<void> {
  const tier = await openProcessTier({ pool: 0, log: console.log, ...(level && { level }) });
  const echoing = await tier.claim(fast);
  await echoing.start(echo, fast);
  const trips: number[] = [];
  for (let i = 0; i < 3000; i++) {
    const at = performance.now();
    const back = output(echoing);
    echoing.provideInput('in', i);
    await back;
    trips.push((performance.now() - at) * 1000);
  }
  show('round trip of a value', trips.slice(500), 'us');

  const flooding = await tier.claim(fast);
  let outputs = 0;
  flooding.on('output', () => outputs++);
  await flooding.start(flood, fast);
  await pause(500);
  const before = { outputs, at: performance.now(), cpu: cpuUsage() };
  const late: number[] = [];
  while (performance.now() - before.at < 2000) {
    const at = performance.now();
    const back = output(echoing);
    echoing.provideInput('in', 1);
    await back;
    late.push((performance.now() - at) * 1000);
    await pause(5);
  }
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = cpuUsage(before.cpu);
  console.log(`outputs of one isolate: ${Math.round((outputs - before.outputs) / seconds)} a second`);
  console.log(`processor time of the host meanwhile: ${((cpu.user + cpu.system) / 1e4 / seconds).toFixed(0)} %`);
  show('round trip beside it', late, 'us');
  await tier.close();
}

async function resting(count: number): Promise<void> {
  const tier = await openProcessTier({ pool: 0, log: console.log, ...(level && { level }) });
  const isolates: Isolate[] = [];
  for (let i = 0; i < count; i++) {
    const isolate = await tier.claim(isolateDefaults);
    await isolate.start(idle, isolateDefaults);
    isolates.push(isolate);
  }
  await pause(2000);
  const cpu = cpuUsage();
  await pause(5000);
  const used = cpuUsage(cpu);
  const inside = isolates.reduce((sum, isolate) => sum + (isolate.usage().cpuPercent ?? 0), 0);
  const memory = isolates.map((isolate) => isolate.usage().memoryMiB ?? 0);
  console.log(
    `${count} isolates at rest: host ${((used.user + used.system) / 5e4).toFixed(2)} % of a core, isolates ${inside.toFixed(2)} %`,
  );
  show('private memory of each', memory, 'MiB');
  await tier.close();
}

await starts('cold start to first output', 0, 15, 0);
await starts('warm start to first output', 2, 25, 0);
await traffic();
await resting(50);
