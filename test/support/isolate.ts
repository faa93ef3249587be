import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import * as assert from 'uvu/assert';
import { nothing } from '../../hosts/node/edge/index.ts';
import {
  type End,
  type Isolate,
  type IsolateLimits,
  type IsolateTier,
  isolateDefaults,
  openProcessTier,
  type ProcessLevel,
  type ProcessTier,
  probeLevels,
  type StartError,
  type SwarmletImage,
} from '../../hosts/node/isolate/index.ts';

const root = join(import.meta.dirname, '../..');

/** A runtime for child processes, bundled as the build does. It lasts as long as this process. */
export interface Bundle {
  readonly file: string;
}

/** @param entry  relative to the root of the project */
export function bundleRuntime(entry = 'hosts/node/isolate/child.ts'): Bundle {
  const folder = mkdtempSync(join(tmpdir(), 'isolate-'));
  const file = join(folder, 'isolate.cjs');
  buildSync({
    entryPoints: [join(root, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    keepNames: true,
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__moduleUrl' },
    banner: { js: `const __moduleUrl=require('node:url').pathToFileURL(__filename).href;` },
  });
  process.once('exit', () => rmSync(folder, { recursive: true }));
  return { file };
}

/** A swarmlet of one file, `main.js`, unless other files are given. */
export function image(code: string, more: Partial<SwarmletImage> & { others?: Record<string, string> } = {}): SwarmletImage {
  const { others = {}, ...rest } = more;
  return {
    name: 'test',
    principal: 'alice@lab',
    main: 'main.js',
    files: new Map(Object.entries({ 'main.js': code, ...others })),
    modules: [],
    reach: nothing,
    parameters: {},
    inputs: {},
    trusted: false,
    ...rest,
  };
}

export function limits(some: Partial<IsolateLimits> = {}): IsolateLimits {
  return { ...isolateDefaults, ...some };
}

/** What a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  const settled = await promise.then(
    (value) => new Error(`it did not fail, but gave ${JSON.stringify(value)}`),
    (error: Error) => error,
  );
  return settled;
}

/** What an isolate does, as it does it; ask `until` for what is to come. */
export class Watcher {
  readonly outputs: [port: string, value: unknown][] = [];
  readonly logs: string[] = [];
  #end: End | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(isolate: Isolate) {
    isolate.on('output', (port, value) => {
      this.outputs.push([port, value]);
      this.#look();
    });
    isolate.on('log', (level, line) => {
      this.logs.push(`${level}: ${line}`);
      this.#look();
    });
    isolate.once('ended', (end) => {
      this.#end = end;
      this.#look();
    });
  }

  /** How it ended; fails when it lives on. */
  async ended(): Promise<End> {
    await this.until(() => this.#end !== undefined, 10_000);
    return this.#end as End;
  }

  values(port: string): unknown[] {
    return this.outputs.filter(([name]) => name === port).map(([, value]) => value);
  }

  /** Resolves when the condition holds; fails after `ms`, and says what there was instead. */
  until(condition: () => boolean, ms = 5000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const last = JSON.stringify({ outputs: this.outputs.slice(-10), logs: this.logs.slice(-10) });
        reject(new Error(`Waited ${ms} ms for ${condition}; there was ${last}`));
      }, ms);
      this.#waiting.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** A swarmlet with an input `in` and an output `out`, whose `initialize` is the given code; `self` is the accessor. */
export function initialize(code: string): string {
  return `exports.setup = function () {
  this.input('in');
  this.output('out');
};
exports.initialize = function () {
  var self = this;
  ${code}
};
`;
}

export interface Run {
  readonly isolate: Isolate;
  readonly watcher: Watcher;
}

/** A tier without spares, of one level, or of the best one. */
export async function openTier(runtime: Bundle, level?: ProcessLevel): Promise<ProcessTier> {
  return openProcessTier({ pool: 0, log: () => {}, runtime: runtime.file, ...(level && { level }) });
}

/** Starts a swarmlet in an isolate of its own. */
export async function run(tier: IsolateTier, what: SwarmletImage, within: IsolateLimits = limits()): Promise<Run> {
  const isolate = await tier.claim(within);
  const watcher = new Watcher(isolate);
  await isolate.start(what, within);
  return { isolate, watcher };
}

/** Holds of every tier: of what waits for the word nobody hears before it has that, and it can be ended instead. */
export async function waitsForTheWord(tier: IsolateTier): Promise<void> {
  const [one, two, three] = await Promise.all([tier.claim(limits()), tier.claim(limits()), tier.claim(limits())]);
  const code = `console.log('evaluated'); ${initialize('')}`;
  const watcher = new Watcher(one);
  const started = one.start(image(code), limits(), true);
  const unwanted = failure(two.start(image(code), limits(), true));
  const killed = failure(three.start(image(code), limits(), true));
  assert.is((await two.wrapup()).kind, 'stopped');
  assert.match((await unwanted).message, /It was stopped/);
  assert.is((await three.kill('exit', 'no longer wanted')).kind, 'failed');
  assert.match((await killed).message, /no longer wanted/);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(watcher.logs, []);
  one.go();
  await started;
  await watcher.until(() => watcher.logs.length === 1);
  assert.equal(watcher.logs, ['info: evaluated']);
  await one.wrapup();
}

const moment = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

/** Holds of tiers whose swarmlets run beside the host: one that waits for the word has begun, and what it did counts from the word on. */
export async function runsAhead(tier: IsolateTier): Promise<void> {
  const begin = async (code: string): Promise<Run & { readonly started: Promise<void>; settled(): boolean }> => {
    const isolate = await tier.claim(limits());
    const watcher = new Watcher(isolate);
    let settled = false;
    const started = isolate.start(image(initialize(code)), limits(), true);
    const settle = (): void => {
      settled = true;
    };
    started.then(settle, settle);
    return { isolate, watcher, started, settled: () => settled };
  };
  const [good, large, bad, gone, unwanted] = await Promise.all([
    begin("self.send('out', Date.now()); setTimeout(function () { self.send('out', 'later'); console.log('later'); }, 1);"),
    begin("for (var i = 0; i < 3; i++) self.send('out', 'x'.repeat(9e5));"), // more than is read of what is not heard
    begin("console.log('so far'); null.port;"),
    begin('process.exit(7);'),
    begin("console.log('never'); self.send('out', 'never');"),
  ]);
  const all = [good, large, bad, gone, unwanted];
  await moment(300);
  assert.equal(
    all.map(({ watcher, settled }) => [watcher.outputs, watcher.logs, settled()]),
    all.map(() => [[], [], false]),
  );
  const refused = failure(unwanted.started);
  await unwanted.isolate.wrapup();
  assert.match((await refused).message, /It was stopped/);
  assert.equal([unwanted.watcher.outputs, unwanted.watcher.logs], [[], []]);
  const wordAt = Date.now();
  for (const { isolate } of [good, large, bad, gone]) isolate.go();
  await good.started;
  await good.watcher.until(() => good.watcher.outputs.length === 2 && good.watcher.logs.length === 1);
  const [at, later] = good.watcher.values('out');
  assert.ok(Number(at) < wordAt, 'it began before the word');
  assert.is(later, 'later');
  await large.watcher.until(() => large.watcher.outputs.length === 3);
  assert.equal(large.watcher.values('out'), Array(3).fill('x'.repeat(9e5)));
  const threw = (await failure(bad.started)) as StartError;
  assert.equal([threw.reason, threw.phase], ['exception', 'initialize']);
  assert.equal(bad.watcher.logs, ['info: so far']);
  assert.is((await bad.watcher.ended()).kind, 'failed');
  assert.is(((await failure(gone.started)) as StartError).reason, 'exit');
  await Promise.all([good, large].map(({ isolate }) => isolate.wrapup()));
  // Its limit holds before the word. Threads share a memory: what grows must not be taken for one that has ended and tells nothing any more.
  const ended = await begin("console.log('last words'); process.exit(7);");
  await moment(1300); // longer than pipes are left open behind what has ended
  const full = await begin('var all = []; setInterval(function () { all.push(Buffer.alloc(4e6, 1)); }, 10);');
  assert.is(((await failure(full.started)) as StartError).reason, 'memory');
  assert.equal([full.watcher.outputs, full.watcher.logs], [[], []]);
  assert.equal(ended.watcher.logs, []); // although Node itself resumes the pipes of what has ended
  ended.isolate.go();
  assert.is(((await failure(ended.started)) as StartError).reason, 'exit');
  assert.equal(ended.watcher.logs, ['info: last words']);
}

/** Those levels that this system has, the strongest first. */
export async function levelsHere(runtime: Bundle): Promise<ProcessLevel[]> {
  const here: ProcessLevel[] = [];
  for (const level of ['P3', 'P2', 'P1'] as const) {
    await probeLevels({ level, runtime: runtime.file }).then(
      () => here.push(level),
      () => {}, // not here
    );
  }
  return here;
}
