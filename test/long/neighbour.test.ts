import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AttackedBox, alice, commonFields, deployOf, operator, sealed, type Wire } from '../support/attacked-box.ts';
import { initialize, LATER, SOON } from '../support/attacker.ts';
import { within } from '../support/socket-client.ts';

const it = suite('neighbours');
/** How long the control swarmlet is watched beside each. */
const WATCH_MS = process.env.ACCESSORS_TEST_LONG ? 10_000 : 1500;

/** A hundred times a second it sends by how many milliseconds it is late. */
const METRONOME = `exports.setup = function () { this.output('late', { type: 'number' }); };
exports.initialize = function () { var self = this; var start = performance.now(); var n = 0;
  setInterval(function () { n++; var late = performance.now() - start - n * 10; if (late > 1000) { start = performance.now(); n = 0; } self.send('late', late); }, 10); };`;

/** What swarmlets do wrong, of twelve kinds; `initialize` returns before it begins. */
const BAD: Readonly<Record<string, string>> = {
  loop: SOON('for (;;);'),
  microtasks: SOON('function go() { Promise.resolve().then(go); } go();'),
  timers: SOON('for (var i = 0; i < 3e5; i++) setInterval(function () {}, 1);'),
  array: SOON('var a = []; for (;;) a.push(1.5);'),
  Map: SOON('var m = new Map(); for (var i = 0; ; i++) m.set(i, i);'),
  Buffers: SOON('var b = []; setInterval(function () { b.push(Buffer.alloc(1 << 22, 1)); }, 1);'),
  wasm: SOON(
    'var m = new WebAssembly.Memory({ initial: 1, maximum: 65536 }); setInterval(function () { m.grow(64); new Uint8Array(m.buffer).fill(1); }, 1);',
  ),
  'message flood': SOON('setInterval(function () { for (var i = 0; i < 1000; i++) self.send("out", i); }, 1);'),
  'log flood': SOON('setInterval(function () { for (var i = 0; i < 1000; i++) console.log("a line of a log", i); }, 1);'),
  regex: SOON('/^(a+)+$/.test(new Array(60).join("a") + "!");'),
  'fork attempt': SOON(
    "setInterval(function () { try { require('child_process').fork('x'); } catch (e) {} import('node:child_process').then(function (c) { c.spawn('sleep', ['9']); }, function () {}); }, 1);",
  ),
  wrapup: initialize(LATER('self.stop();'), 'exports.wrapup = function () { for (;;); };'),
};

let box: AttackedBox;
let wire: Wire;
let sequence = 10;
const lateness: number[] = [];
it.before(async () => {
  box = await AttackedBox.open({ config: { pool: 2 } });
  wire = await box.wire(operator);
  assert.is(await wire.deploys(sealed(deployOf('metronome', 1, METRONOME), operator)), 'done');
  wire.ws.on('message', (data) => {
    const { method, params } = JSON.parse(String(data)) as { method?: string; params?: { swarmlet: string; value: number } };
    if (method === 'output' && params?.swarmlet === 'metronome') lateness.push(params.value);
  });
  assert.is(await wire.outcome('subscribe', { swarmlet: 'metronome', outputs: true }), 'done');
});
it.after(() => box.close());

function p99(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN).toFixed(1)} ms`;
}

/** What the metronome told in the time that it is watched. */
async function watched(): Promise<number[]> {
  lateness.length = 0;
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  return [...lateness];
}

/** It was never started anew, and goes on. */
async function goesOn(since: unknown): Promise<void> {
  const status = await box.status('metronome');
  assert.equal([status.state, status.since], ['running', since]);
  const count = lateness.length;
  await within(
    (async () => {
      while (lateness.length < count + 10) await new Promise((resolve) => wire.ws.once('message', resolve));
    })(),
    'ten values more',
  );
}

it(`leaves a swarmlet at 100 Hz alone, whatever runs beside it (${WATCH_MS / 1000} s each)`, async () => {
  const { since } = await box.status('metronome');
  const alone = await watched();
  console.log(`p99 lateness of a swarmlet at 100 Hz alone: ${p99(alone)} of ${alone.length} values`);
  for (const [kind, code] of Object.entries(BAD)) {
    const bad = await box.wire(alice);
    const more = { run: { restart: 'always' }, limits: { wrapupMs: 500 } };
    const answer = await bad.deploys(sealed(deployOf('t-bad', sequence++, code, more), alice));
    assert.is(answer, 'done', kind);
    const values = await watched();
    console.log(`beside ${kind}: ${p99(values)} of ${values.length} values`);
    await goesOn(since);
    const over = await bad.outcome('undeploy', {
      envelope: sealed({ action: 'undeploy', swarmlet: 't-bad', sequence: sequence++, ...commonFields() }, alice),
    });
    assert.is(over, 'done', kind);
    bad.end();
  }
});

it.run();
