import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError, StartError } from '../../../../hosts/node/isolate/index.ts';
import type { ProcessTier } from '../../../../hosts/node/isolate/pool.ts';
import {
  bundleRuntime,
  failure,
  image,
  initialize,
  levelsHere,
  limits,
  openTier,
  run,
  runsAhead,
  Watcher,
  waitsForTheWord,
} from '../../../support/isolate.ts';

const runtime = bundleRuntime();

const doubler = `
exports.setup = function () {
  this.input('in', { type: 'int' });
  this.output('out');
  this.parameter('gain', { type: 'number', value: 1 });
};
exports.initialize = function () {
  this.addInputHandler('in', function () { this.send('out', this.get('in') * this.getParameter('gain')); });
  this.send('out', 'begun with ' + this.getParameter('gain'));
};
exports.wrapup = function () { this.send('out', 'over'); console.log('wrapped up'); };`;

const composite = `
exports.setup = function () {
  this.input('in');
  this.output('out');
  var scale = this.instantiate('scale', 'parts/Scale');
  var copy = this.instantiate('copy', './Copy.js');
  this.connect('in', scale, 'in');
  this.connect(scale, 'out', copy, 'in');
  this.connect(copy, 'out', 'out');
};`;
const scale = `
var twice = require('twice');
exports.setup = function () { this.input('in'); this.output('out'); };
exports.fire = function () { if (this.get('in') !== null) this.send('out', twice(this.get('in'))); };`;
const copy = `
exports.setup = function () { this.extend('parts/Base'); };`;
const base = `
exports.setup = function () { this.input('in'); this.output('out'); };
exports.fire = function () { if (this.get('in') !== null) this.send('out', this.get('in')); };`;

/** What fails to start, in which phase, and what the message tells. */
const badStarts: [what: string, code: string, phase: string, message: RegExp][] = [
  [
    'does not compile',
    'exports.setup = function () {\n  this.input(;\n};',
    'load',
    /^main\.js:2:14: SyntaxError: Unexpected token ';': this\.input\(;$/,
  ],
  ['closes its function', '}); console.log("out"); (function () {', 'load', /main\.js:1/],
  ['throws at load', '\nthrow new Error("no such lamp");', 'load', /^no such lamp \(main\.js:2:7\)$/],
  ['throws in setup', 'exports.setup = function () { null.port; };', 'setup', /^Cannot read .*null.* \(main\.js:1:36\)$/],
  ['throws in initialize', initialize('throw new Error("no net");'), 'initialize', /^no net \(main\.js:7:9\)$/],
  ['throws no error at all', 'throw null', 'load', /^null$/],
  [
    'misses a class',
    'exports.setup = function () { this.instantiate("x", "net/REST"); };',
    'setup',
    /^Accessor net\/REST\.js not found on path: the swarmlet carries only main\.js/,
  ],
  [
    'leaves the carried files',
    'exports.setup = function () { this.extend("../etc/passwd"); };',
    'setup',
    /\.\.\/etc\/passwd\.js not found on path/,
  ],
  [
    'requires a module that is not granted',
    'require("@accessors-modules/http-client");',
    'load',
    /^Module http-client is not granted .* ask for it with capability "http-client"/,
  ],
  ['requires a module of Node', 'require("node:fs");', 'load', /^Module fs is not granted/],
  ['requires a file', 'require("./main.js");', 'load', /is not granted/],
  ['ends in initialize', initialize('process.exit(3);'), 'initialize', /exit code 3/],
];

for (const level of await levelsHere(runtime)) {
  const it = suite(`an isolate of level ${level}`);
  let tier: ProcessTier;

  it.before(async () => {
    tier = await openTier(runtime, level);
  });
  it.after(() => tier.close());

  it('runs a swarmlet from its parameters to its end', async () => {
    const isolate = await tier.claim(limits());
    const watcher = new Watcher(isolate);
    await isolate.start(image(doubler, { parameters: { gain: 10 }, inputs: { in: 4 } }), limits());
    await isolate.provideInput('in', '5');
    await watcher.until(() => watcher.outputs.length === 3);
    assert.is(isolate.level, level);
    assert.ok(isolate.pid > 0 && isolate.pid !== process.pid);
    const usage = isolate.usage();
    assert.equal([usage.messagesIn, usage.messagesOut, usage.droppedLogs], [1, 3, 0]);
    const { memoryMiB = 0 } = usage;
    assert.ok(memoryMiB > 1 && memoryMiB < 64, `${memoryMiB} MiB`);
    assert.equal(await isolate.wrapup(), { kind: 'stopped' });
    assert.equal(watcher.values('out'), ['begun with 10', 40, 50, 'over']);
    assert.equal(watcher.logs, ['info: wrapped up']);
    assert.instance(await failure(isolate.provideInput('in', 1)), InputError);
  });

  it('runs a composite of carried files and a carried package', async () => {
    const others = {
      'parts/Scale.js': scale,
      'parts/Base.js': base,
      'Copy.js': copy,
      'node_modules/twice.js': 'var util = require("util"); module.exports = function (x) { return Number(util.format(x)) * 2; };',
    };
    const { isolate, watcher } = await run(tier, image(composite, { others }));
    await isolate.provideInput('in', 21);
    await watcher.until(() => watcher.outputs.length === 1);
    assert.equal(watcher.outputs, [['out', 42]]);
    await isolate.wrapup();
  });

  it('refuses values for inputs with the reason', async () => {
    const { isolate } = await run(tier, image(doubler));
    assert.match((await failure(isolate.provideInput('nowhere', 1))).message, /no input named nowhere. The inputs are: in/);
    assert.match((await failure(isolate.provideInput('in', 1.5))).message, /in expected an int, but got 1.5/);
    await isolate.provideInput('in', 2);
    await isolate.wrapup();
  });

  for (const [what, code, phase, message] of badStarts) {
    it(`does not start a swarmlet that ${what}`, async () => {
      const isolate = await tier.claim(limits());
      const watcher = new Watcher(isolate);
      const error = (await failure(isolate.start(image(code), limits()))) as StartError;
      assert.instance(error, StartError);
      assert.match(error.message, message);
      assert.is(error.phase, phase);
      const end = await watcher.ended();
      assert.is(end.kind, 'failed');
      assert.is(error.reason, what.startsWith('ends') ? 'exit' : 'exception');
    });
  }

  it('does not start with an input or a parameter that is not there', async () => {
    const wrongInput = await tier.claim(limits());
    assert.match((await failure(wrongInput.start(image(doubler, { inputs: { inn: 1 } }), limits()))).message, /no input named inn/);
    const wrongParameter = await tier.claim(limits());
    const error = await failure(wrongParameter.start(image(doubler, { parameters: { again: 1 } }), limits()));
    assert.match(error.message, /no parameter named again/);
  });

  it('goes on after errors in handlers and timers, which are lines of the log', async () => {
    const code = initialize(`
      this.addInputHandler('in', function () { throw new Error('in a handler'); });
      setTimeout(function () { throw new Error('in a timer'); }, 1);
      setTimeout(function () { self.send('out', 'alive'); }, 20);`);
    const { isolate, watcher } = await run(tier, image(code, { inputs: { in: 1 } }));
    await watcher.until(() => watcher.outputs.length === 1);
    await watcher.until(() =>
      ['in a handler', 'in a timer'].every((text) => watcher.logs.some((line) => line.startsWith('error: ') && line.includes(text))),
    );
    assert.equal(await isolate.wrapup(), { kind: 'stopped' });
  });

  it('tells in a stack where the swarmlet was, and nothing of the runtime', async () => {
    const { isolate, watcher } = await run(tier, image(initialize("setTimeout(function tick() { throw new Error('lamp'); }, 0);")));
    await watcher.until(() => watcher.logs.length >= 2);
    await isolate.wrapup();
    assert.is(watcher.logs.length, 2);
    assert.is(watcher.logs[0], 'error: test: Error: lamp');
    assert.match(watcher.logs[1] as string, /^error: {5}at .*tick.* \(main\.js:7:38\)$/);
  });

  it('takes many and large files, and can be stopped while they are on their way', async () => {
    const others = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`part${i}.js`, `// ${'x'.repeat(500_000)}`]));
    const { isolate } = await run(tier, image(initialize(''), { others }));
    await isolate.wrapup();
    const stopped = await tier.claim(limits());
    const started = failure(stopped.start(image(initialize(''), { others }), limits()));
    assert.equal(await stopped.wrapup(), { kind: 'stopped' });
    assert.instance(await started, StartError);
  });

  const endings: [what: string, code: string, end: RegExp][] = [
    ['stops itself', initialize('this.stop();'), /^\{"kind":"completed"\}$/],
    [
      'stops itself and throws in wrapup',
      `${initialize('this.stop();')}exports.wrapup = function () { throw new Error('stuck lid'); };`,
      /"exception".*stuck lid \(main\.js:9/,
    ],
    ['rejects a promise', initialize('Promise.reject(new Error("nobody listens"));'), /"exception".*nobody listens \(main\.js:7/],
    ['throws where nobody catches', initialize('process.nextTick(function () { throw new Error("wild"); });'), /"exception".*wild/],
    ['throws an object without text', initialize('process.nextTick(function () { throw Object.create(null); });'), /"exception"/],
    ['exits', initialize('setTimeout(function () { process.exit(7); }, 1);'), /"exit".*exit code 7/],
    ['aborts', initialize('setTimeout(function () { process.abort(); }, 1);'), /"exit".*SIG/],
  ];
  for (const [what, code, expected] of endings) {
    it(`tells how it ended when a swarmlet ${what}`, async () => {
      const { watcher } = await run(tier, image(code));
      assert.match(JSON.stringify(await watcher.ended()), expected);
    });
  }

  it('stops with an error line when wrapup throws on request', async () => {
    const { isolate, watcher } = await run(tier, image(`${initialize('')}exports.wrapup = function () { throw new Error('stuck lid'); };`));
    assert.equal(await isolate.wrapup(), { kind: 'stopped' });
    assert.ok(watcher.logs.some((line) => line.startsWith('error: ') && line.includes('stuck lid')));
  });

  it('lets nobody hear of a swarmlet before it may, and ends it where it may not', () => waitsForTheWord(tier));

  it('begins a swarmlet before it may be heard, and hears all of it then', () => runsAhead(tier));

  it('can be killed at any time, also before and during its start', async () => {
    const unused = await tier.claim(limits());
    assert.equal(await unused.kill('cpu', 'too much'), { kind: 'failed', reason: 'cpu', message: 'too much' });
    const starting = await tier.claim(limits());
    const started = failure(starting.start(image('for (;;);'), limits()));
    assert.equal(await starting.wrapup(), { kind: 'stopped' });
    assert.match((await started).message, /stopped/);
    const { isolate } = await run(tier, image(initialize('setInterval(function () {}, 1);')));
    const [first, second] = await Promise.all([isolate.kill('cpu', 'one'), isolate.kill('memory', 'two')]);
    assert.equal(first, second);
  });

  it('carries values as JSON does', async () => {
    const code = initialize(`
      self.send('out', undefined);
      self.send('out', function () {});
      self.send('out', { gone: undefined, call: function () {}, nan: NaN, at: new Date(0), bytes: Buffer.from('hi') });
      var ring = {}; ring.ring = ring;
      [ring, 1n, JSON.parse('{"__proto__": 1}'), JSON.parse('['.repeat(100) + ']'.repeat(100)), 'x'.repeat(2e6), { s: '\\u20ac'.repeat(5e5) }].forEach(function (value) {
        try { self.send('out', value); } catch (error) { self.send('out', error.code + ': ' + error.message); }
      });
      self.send('out', 'x'.repeat(1e6));`);
    const { isolate, watcher } = await run(tier, image(code));
    await watcher.until(() => watcher.outputs.length === 10);
    const values = watcher.values('out');
    assert.equal(values.slice(0, 3), [
      null,
      null,
      { nan: null, at: '1970-01-01T00:00:00.000Z', bytes: { type: 'Buffer', data: [104, 105] } },
    ]);
    const codes = values.slice(3, 9).map((text) => String(text).split(':')[0]);
    assert.equal(codes, ['VALUE_NOT_JSON', 'VALUE_NOT_JSON', 'VALUE_NOT_JSON', 'VALUE_NOT_JSON', 'VALUE_TOO_LARGE', 'VALUE_TOO_LARGE']);
    assert.is((values[9] as string).length, 1e6);
    await isolate.wrapup();
  });

  it.run();
}
