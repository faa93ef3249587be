import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CarriedIsolate } from '../../../../hosts/node/isolate/carried.ts';
import { Channel } from '../../../../hosts/node/isolate/channel.ts';
import { openProcessTier, type ProcessTier, probeLevels } from '../../../../hosts/node/isolate/index.ts';
import { mayPrioritize } from '../../../../hosts/node/isolate/procfs.ts';
import { bundleRuntime, failure, image, initialize, limits, Watcher } from '../../../support/isolate.ts';

const it = suite('the pool of isolates');
const runtime = bundleRuntime();
const warnings: string[] = [];
let tier: ProcessTier;

it.before.each(async () => {
  warnings.length = 0;
  tier = await openProcessTier({ pool: 2, log: (_level, message) => warnings.push(message), runtime: runtime.file });
});
it.after.each(() => tier.close());

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What loads from now on is not done with it before `letGo`. */
function holdLoading(): { letGo(): void } {
  const { load } = CarriedIsolate.prototype;
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  CarriedIsolate.prototype.load = async function (mayWarm) {
    await load.call(this, mayWarm);
    await gate;
  };
  return {
    letGo() {
      CarriedIsolate.prototype.load = load;
      open();
    },
  };
}

it('keeps two spares, and makes new ones for those that were claimed', async () => {
  await until(() => tier.spares === 2);
  const one = await tier.claim(limits());
  const two = await tier.claim(limits());
  assert.is(tier.spares, 0);
  assert.is.not(one.pid, two.pid);
  for (const isolate of [one, two]) {
    const watcher = new Watcher(isolate);
    await isolate.start(image(initialize("self.send('out', 'warm');")), limits());
    await watcher.until(() => watcher.outputs.length === 1);
  }
  assert.equal(tier.pool, { size: 2, idle: 0, warm: 2, cold: 0 });
  await until(() => tier.spares === 2);
});

it('gives a spare that is on its way rather than a new one, and starts anew when there is none', async () => {
  await until(() => sparePids(0).length === 2);
  const isolates = await Promise.all([tier.claim(limits()), tier.claim(limits()), tier.claim(limits())]);
  assert.is(new Set(isolates.map((isolate) => isolate.pid)).size, 3);
  assert.equal([tier.pool.warm, tier.pool.cold], [2, 1]);
  for (const isolate of isolates) await isolate.start(image(initialize('')), limits());
});

it('makes spares side by side where none is left, and warms none that somebody waits for', async () => {
  await until(() => tier.spares === 2);
  const { command } = Channel.prototype;
  const { load } = CarriedIsolate.prototype;
  let begun = 0;
  const types: string[] = [];
  CarriedIsolate.prototype.load = function (mayWarm) {
    begun++;
    return load.call(this, mayWarm);
  };
  Channel.prototype.command = function (given) {
    types.push(given.type);
    command.call(this, given);
  };
  try {
    await Promise.all([tier.claim(limits()), tier.claim(limits())]);
    await until(() => begun > 0);
    assert.is(begun, 2);
    const third = tier.claim(limits());
    assert.equal(tier.pool, { size: 2, idle: 0, warm: 2, cold: 0 });
    await third;
    assert.equal(tier.pool.cold, 0);
    await until(() => tier.spares === 2);
    assert.equal(types, ['warm', 'warm']);
  } finally {
    Channel.prototype.command = command;
    CarriedIsolate.prototype.load = load;
  }
});

it('makes the spares of a large pool one by one, and none while few are claimed', async () => {
  const other = await openProcessTier({ pool: 4, log: () => {}, runtime: runtime.file });
  const { load } = CarriedIsolate.prototype;
  let begun = 0;
  CarriedIsolate.prototype.load = function (mayWarm) {
    begun++;
    return load.call(this, mayWarm);
  };
  try {
    await until(() => begun > 0);
    assert.is(begun, 2); // these at once
    await until(() => other.spares === 4);
    const claims = [other.claim(limits()), other.claim(limits())];
    claims.push(other.claim(limits()));
    await until(() => begun > 4);
    assert.equal([begun, other.pool.warm], [5, 3]); // for the third, with which they were fewer than two
    await until(() => other.spares === 4);
    assert.is(begun, 7);
  } finally {
    CarriedIsolate.prototype.load = load;
    await other.close();
  }
});

it('starts anew for a swarmlet that may use more memory than a spare', async () => {
  await until(() => tier.spares === 2);
  const isolate = await tier.claim(limits({ memoryMiB: 300 }));
  assert.equal(tier.pool, { size: 2, idle: 2, warm: 0, cold: 1 });
  const watcher = new Watcher(isolate);
  const code = initialize("var kept = Buffer.alloc(2e8, 1); setTimeout(function () { self.send('out', kept.length); }, 300);");
  await isolate.start(image(code), limits({ memoryMiB: 300 }));
  await watcher.until(() => watcher.outputs.length === 1);
  assert.equal(watcher.outputs, [['out', 2e8]]);
});

it('replaces spares that die, and says so once for all of them', async () => {
  await until(() => tier.spares === 2);
  const spare = await tier.claim(limits());
  await until(() => tier.spares === 2);
  for (const pid of sparePids(spare.pid)) process.kill(pid, 'SIGKILL');
  await until(() => warnings.length > 0 && tier.spares === 0);
  await until(() => tier.spares === 2);
  assert.is(warnings.length, 1);
  assert.match(warnings.join(), /A spare isolate ended: .*started in 500 ms/);
});

it('tries again later each time where spares cannot start', async () => {
  const own = bundleRuntime();
  const other = await openProcessTier({ pool: 2, log: (_level, message) => warnings.push(message), runtime: own.file });
  try {
    await until(() => other.spares === 2);
    const works = readFileSync(own.file);
    writeFileSync(own.file, 'process.exit(1);');
    await Promise.all([other.claim(limits()), other.claim(limits())]);
    await until(() => warnings.length === 2);
    assert.match(warnings.join(), /A spare isolate ended: .*started in 500 ms.*started in 1000 ms/);
    writeFileSync(own.file, works);
    await until(() => other.spares === 2);
    assert.is(warnings.length, 2);
  } finally {
    await other.close();
  }
});

it('gives nothing to whoever waited for a spare that loads when it was closed', async () => {
  const loading = holdLoading();
  try {
    await until(() => sparePids(0).length === 2);
    const claim = failure(tier.claim(limits()));
    await tier.close();
    loading.letGo();
    assert.match((await claim).message, /closed/);
    assert.equal(sparePids(0), []);
  } finally {
    loading.letGo();
  }
});

/** The node processes of our runtime but that one. */
function sparePids(but: number): number[] {
  const inside = (pid: number): boolean => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return line[0] === process.execPath && line.some((word) => word.startsWith('--allow-fs-read')) && descendsFromUs(pid);
    } catch {
      return false; // it has ended
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== but && inside(pid));
}

function descendsFromUs(pid: number): boolean {
  if (pid === process.pid) return true;
  const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  return parent > 1 && descendsFromUs(parent);
}

if (mayPrioritize()) {
  /** Of each thread, and of the session where the system shares the processors among sessions. */
  const priorities = (pid: number): Set<number> => {
    const found = new Set(readdirSync(`/proc/${pid}/task`).map((thread) => getPriority(Number(thread))));
    const session = `/proc/${pid}/autogroup`;
    if (existsSync(session)) found.add(Number(/nice (-?\d+)/.exec(readFileSync(session, 'utf8'))?.[1]));
    return found;
  };
  const have = (pids: readonly number[], priority: number): boolean =>
    pids.every((pid) => [...priorities(pid)].every((own) => own === priority));

  it('lets spares load behind everything else, and one that got the word runs like the box', async () => {
    await until(() => tier.spares === 2 && sparePids(0).length === 2 && have(sparePids(0), 10)); // earlier ones may be on their way out
    const isolate = await tier.claim(limits());
    const started = isolate.start(image(initialize('')), limits(), true);
    await until(() => tier.spares === 2);
    assert.ok(have([isolate.pid], 10));
    isolate.go();
    await started;
    await until(() => have([isolate.pid], 0));
    assert.is(getPriority(0), 0); // as before, for what is not nice
  });

  it('lets one that is claimed while it loads go on like the box, and those beside it behind', async () => {
    const loading = holdLoading();
    try {
      await until(() => sparePids(0).length === 2);
      const pids = sparePids(0);
      const claim = tier.claim(limits());
      assert.equal(pids.map((pid) => have([pid], 0)).sort(), [false, true]);
      loading.letGo();
      const { pid } = await claim;
      assert.ok(pids.includes(pid));
      assert.ok(have([pid], 0));
      assert.equal([tier.pool.warm, tier.pool.cold], [1, 0]);
    } finally {
      loading.letGo();
    }
  });
}

it('ends all that it gave when it is closed, and gives nothing more', async () => {
  const isolate = await tier.claim(limits());
  const watcher = new Watcher(isolate);
  await isolate.start(image(initialize('setTimeout(function () { for (;;); }, 0);')), limits());
  await tier.close();
  assert.is((await watcher.ended()).kind, 'failed');
  assert.match((await failure(tier.claim(limits()))).message, /closed/);
  assert.equal(sparePids(0), []);
});

it('tells what a system lacks for a higher level, and how to get it', async () => {
  const none = { bwrap: undefined, unshare: undefined, setpriv: undefined, prlimit: undefined };
  const bare = await probeLevels({ tools: none, runtime: runtime.file });
  assert.is(bare.level, 'P1');
  assert.match(bare.missing.join('\n'), /P3 needs bwrap: install the package bubblewrap/);
  const broken = await probeLevels({ tools: { ...none, bwrap: '/bin/false', unshare: '/bin/false' }, runtime: runtime.file });
  assert.is(broken.level, 'P1');
  assert.match(broken.missing.join('\n'), /P3 \(bwrap, node .*\) does not work here: .*Allow namespaces/);
  assert.match((await failure(probeLevels({ runtime: '/nowhere/isolate.cjs' }))).message, /is missing; make it with: npm run build/);
});

it.run();
