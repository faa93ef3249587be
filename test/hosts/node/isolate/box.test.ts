import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findTools } from '../../../../hosts/node/isolate/launch.ts';
import { Leftovers } from '../../../../hosts/node/isolate/leftovers.ts';
import { startTimeOf } from '../../../../hosts/node/isolate/procfs.ts';
import { bundleRuntime, image, initialize, levelsHere, openTier, run } from '../../../support/isolate.ts';

/** What becomes of isolates when something happens to the box. */
const it = suite('a box and its isolates');
const runtime = bundleRuntime();
const folder = mkdtempSync(join(tmpdir(), 'box-'));
const looping = join(folder, 'looping.js');
const ticking = join(folder, 'ticking.js');
writeFileSync(looping, initialize("this.send('out', 1); setTimeout(function () { for (;;); }, 0);"));
writeFileSync(ticking, initialize("var n = 0; setInterval(function () { self.send('out', n++); }, 20);"));
const boxes: ChildProcess[] = [];

it.after.each(async () => {
  for (const box of boxes.splice(0)) {
    if (box.exitCode !== null || box.signalCode !== null) continue;
    box.kill('SIGKILL');
    await once(box, 'close');
  }
});
it.after(() => rmSync(folder, { recursive: true }));

interface Box {
  readonly process: ChildProcess;
  /** The next line that it prints. */
  line(): Promise<{ pid: number; value: number }>;
  readonly errors: string[];
}

function box(...args: string[]): Box {
  const script = join(import.meta.dirname, '../../../support/small-box.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, runtime.file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  boxes.push(child);
  const lines: string[] = [];
  const errors: string[] = [];
  let wake = (): void => {};
  let rest = '';
  child.stdout?.on('data', (data) => {
    rest += data;
    lines.push(...rest.split('\n').slice(0, -1));
    rest = rest.slice(rest.lastIndexOf('\n') + 1);
    wake();
  });
  child.stderr?.on('data', (data) => errors.push(String(data)));
  const line = async (): Promise<{ pid: number; value: number }> => {
    while (lines.length === 0) {
      await within(10_000, new Promise<void>((resolve) => (wake = resolve)), () => `the box says nothing but ${errors.join('')}`);
    }
    return JSON.parse(lines.shift() as string);
  };
  return { process: child, line, errors };
}

async function within<T>(ms: number, promise: Promise<T>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`After ${ms} ms ${what()}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Processes on this machine whose command line names our runtime, or that pid. */
function left(pid: number): number[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((n) => n > 0 && n !== process.pid);
  return pids.filter((one) => (one === pid && startTimeOf(pid) !== undefined) || (isIsolate(one) && !boxes.some((box) => box.pid === one)));
}

function isIsolate(pid: number): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return line.includes(runtime.file) && line.some((word) => word.startsWith('--allow-fs-read'));
  } catch {
    return false; // it has ended
  }
}

async function gone(pid: number): Promise<void> {
  const until = performance.now() + 5000;
  while (left(pid).length > 0) {
    if (performance.now() > until) throw new Error(`Still there: ${left(pid)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const level of await levelsHere(runtime)) {
  if (level !== 'P3' && !findTools().setpriv) continue;
  it(`ends an isolate that loops when the box is killed, at level ${level}`, async () => {
    const one = box(level, looping, '60000', '');
    const { pid } = await one.line();
    assert.ok(startTimeOf(pid) !== undefined);
    one.process.kill('SIGKILL');
    await gone(pid);
  });
}

it('ends what a killed box left behind at the next start, where the system does not', async () => {
  const state = join(folder, 'state');
  const first = box('P1', looping, '60000', state, 'bare');
  const { pid } = await first.line();
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  assert.ok(startTimeOf(pid) !== undefined, 'it should outlive this box');
  writeFileSync(join(state, 'isolates', `${process.pid}-1`), ''); // another process has that pid now: ours
  const second = box('P1', ticking, '60000', state, 'bare');
  try {
    await second.line();
    assert.is(startTimeOf(pid), undefined);
  } finally {
    second.process.kill('SIGKILL');
    await once(second.process, 'close');
    new Leftovers(state).end();
  }
  assert.match(second.errors.join(''), /Ended \d+ of the isolates of an earlier box/);
  assert.equal(readdirSync(join(state, 'isolates')), []);
  await gone(pid);
});

it('kills nobody because the box itself was stopped', async () => {
  const one = box('P1', ticking, '500', '');
  const { pid } = await one.line();
  one.process.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  one.process.kill('SIGCONT');
  const before = (await one.line()).value;
  for (let i = 0; i < 75; i++) await one.line(); // well beyond the limits
  assert.ok((await one.line()).value > before);
  assert.ok(startTimeOf(pid) !== undefined);
  one.process.kill('SIGKILL');
  await gone(pid);
});

function descriptors(): string[] {
  return readdirSync('/proc/self/fd');
}

function children(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isIsolate(pid));
}

it('has nothing left of a hundred isolates', async () => {
  const tier = await openTier(runtime);
  const cycle = async (): Promise<void> => {
    const { isolate } = await run(tier, image(initialize("self.send('out', 1); setInterval(function () {}, 1);")));
    await isolate.provideInput('in', 1);
    await isolate.wrapup();
  };
  await cycle();
  const before = descriptors().length;
  const resources = (): number => process.getActiveResourcesInfo().filter((name) => /Pipe|Process|Timeout/.test(name)).length;
  const resourcesBefore = resources();
  for (let i = 0; i < 25; i++) await Promise.all([cycle(), cycle(), cycle(), cycle()]);
  assert.is(descriptors().length, before);
  for (let i = 0; i < 100 && resources() > resourcesBefore; i++) await new Promise((resolve) => setTimeout(resolve, 10)); // handles close in turns
  assert.ok(resources() <= resourcesBefore, process.getActiveResourcesInfo().join());
  assert.equal(children(), []);
  await tier.close();
});

it.run();
