import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ProcessTier, ThreadTier } from '../../../../hosts/node/isolate/index.ts';
import { isView } from '../../../../hosts/node/isolate/view.ts';
import { bundleRuntime, image, limits, openTier, run } from '../../../support/isolate.ts';

const it = suite('what is seen of an isolate');
const bundle = bundleRuntime();
let tier: ProcessTier;
it.before(async () => {
  tier = await openTier(bundle);
});
it.after(() => tier.close());

const swarmlet = `
  exports.setup = function () { this.input('in'); this.output('out'); };
  exports.initialize = function () {
    this.addInputHandler('in', function () { this.send('out', this.get('in') + '<b>'); }.bind(this));
  };`;

it('is its structure, then what happens in it, and nothing once nobody looks', async () => {
  const { isolate } = await run(tier, image(swarmlet));
  const first = await isolate.observe(0);
  assert.equal(
    first?.structure?.nodes.map(({ name, inputs, outputs }) => [name, inputs, outputs]),
    [['test', ['in'], ['out', 'error']]],
  );
  await isolate.provideInput('in', 'hello');
  const second = await isolate.observe(1);
  assert.equal(second?.reactions, [[0, 1]]);
  assert.equal(second?.values, [
    [0, 1, '"hello"'],
    [1, 1, '"hello<b>"'],
  ]);
  isolate.unobserve();
  await isolate.provideInput('in', 'unseen');
  assert.equal((await isolate.observe(0))?.values, []);
  await isolate.wrapup();
  assert.is(await isolate.observe(1), undefined);
});

it('is one answer for those who ask at the same time, and none when it ends meanwhile', async () => {
  const { isolate } = await run(tier, image(swarmlet));
  const [one, two] = await Promise.all([isolate.observe(0), isolate.observe(0)]);
  assert.is(one, two);
  const late = isolate.observe(1);
  await isolate.kill('exit', 'enough');
  assert.is(await late, undefined);
});

it('does not keep the heartbeat from finding one that is stuck', async () => {
  const { isolate, watcher } = await run(
    tier,
    image(`exports.setup = function () { this.input('in'); };
      exports.initialize = function () { this.addInputHandler('in', function () { for (;;); }); };`),
    limits({ reactionMs: 200 }),
  );
  isolate.provideInput('in', 1).catch(() => {}); // the isolate ends
  const view = isolate.observe(0);
  const end = await watcher.ended();
  assert.is(end.kind === 'failed' && end.reason, 'reaction-timeout');
  assert.is(await view, undefined);
});

it('is refused when it is more than there may be, or means nothing', () => {
  const node = { name: 'a', class: null, parent: -1, inputs: ['x'], outputs: ['y'], parameters: [] };
  const view = (more: object): object => ({ revision: 1, reactions: [], values: [], ...more });
  const structure = (more: object): object => view({ structure: { nodes: [node], edges: [[0, 1]], omitted: 0, ...more } });
  assert.ok(isView(view({ reactions: [[0, 4]], values: [[1, 2, '"text"']] })));
  assert.ok(isView(structure({})));
  const refused = [
    7,
    view({ revision: -1 }),
    view({ reactions: [[0]] }),
    view({ values: [[0, 1, 'x'.repeat(161)]] }),
    view({ values: Array(1001).fill([0, 1, '']) }),
    view({ values: [[0, 1, { toString: 1 }]] }),
    structure({ nodes: [{ ...node, parent: 0 }] }),
    structure({ nodes: [node, { ...node, parent: 1 }] }),
    structure({ nodes: [{ ...node, name: 'x'.repeat(121) }] }),
    structure({ edges: [[0, 2]] }),
    structure({ edges: [[0, 0.5]] }),
    structure({ omitted: null }),
  ];
  for (const value of refused) assert.not(isView(value), JSON.stringify(value).slice(0, 100));
});

it('is seen in a thread as in a process', async () => {
  const runtime = bundleRuntime('hosts/node/isolate/thread-child.ts').file;
  const threads = new ThreadTier({ log: () => {}, runtime });
  const { isolate } = await run(threads, image(swarmlet));
  assert.is((await isolate.observe(0))?.structure?.nodes.length, 1);
  await threads.close();
});

it.run();
