import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Commanded, Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';
import { root, run } from '../../support/run.ts';

const it = suite('accessors test, new');
const folder = folderWith({ 'package.json': '{"type": "module"}' });
it.after(folder.remove);
const person = new Person(folder.path);

/** A swarmlet that sends the values to a test, one at each millisecond, and its setup and initialize go on with `more`. */
function swarmlet(values: string, correct: string, more: { setup?: string; initialize?: string } = {}): string {
  return `exports.setup = function () {
    this.output('value');
    const test = this.instantiate('test', 'test/TrainableTest');
    test.setParameter('correctValues', ${correct});
    const source = this.instantiateFromCode('source', \`exports.setup = function () { this.output('output'); };
      exports.initialize = function () { [${values}].forEach((value, i) => setTimeout(() => this.send('output', value), i + 1)); };\`);
    this.connect(source, 'output', test, 'input');
    ${more.setup ?? ''}
  };
  exports.initialize = function () { ${more.initialize ?? ''} };`;
}

async function tested(source: string, ...argv: string[]): Promise<Commanded> {
  const one = folderWith({ 'It.js': source });
  try {
    return await person.type(['test', join(one.path, 'It.js'), ...argv]);
  } finally {
    one.remove();
  }
}

it('passes a swarmlet whose values are the right ones', async () => {
  const { code, out, err } = await tested(swarmlet('1, 2.0000000001, "3"', "[1, 2, '3']"));
  assert.is(code, 0);
  assert.is(out, 'ok    It.test: 3 values\n1 passed, 0 failed\n');
  assert.is(err, '');
});

it('shows the first value that differs, its position and time, and all of both', async () => {
  const { code, out, err } = await tested(swarmlet('1, 2, 3', "[1, '2', 3]"));
  assert.is(code, 1);
  assert.is(
    out,
    "FAIL  It.test: value 2 of 3: expected '2', got 2 at 2 ms\n      expected [ 1, '2', 3 ]\n      got      [ 1, 2, 3 ]\n0 passed, 1 failed\n",
  );
  assert.is(err, '', 'the stack of the test says no more');
});

it('shows which value did not come', async () => {
  const { code, out } = await tested(swarmlet('1', '[1, { a: [2] }]'));
  assert.is(code, 1);
  assert.match(out, 'FAIL  It.test: value 2 of 2: expected { a: [ 2 ] }, nothing came\n');
  assert.match((await tested(swarmlet('', '[]'))).out, 'value 1 of 0: expected any, nothing came');
});

it('tells all tests of a swarmlet, also deeper ones and what extends the test', async () => {
  const setup = `const inner = this.instantiateFromCode('inner', \`exports.setup = function () {
      this.input('input');
      const own = this.instantiateFromCode('own', "exports.setup = function () { this.extend('test/TrainableTest'); };");
      own.setParameter('correctValues', [1, 3]);
      this.connect('input', own, 'input');
    };\`);
    this.connect(source, 'output', inner, 'input');`;
  const { code, out } = await tested(swarmlet('1, 2', '[1, 2]', { setup }));
  assert.is(code, 1);
  assert.match(out, /^ok {4}It\.test: 2 values\nFAIL {2}It\.inner\.own: value 2 of 2: expected 3, got 2 at 2 ms\n/);
  assert.match(out, /\n1 passed, 1 failed\n$/);
});

it('ends what would go on for ever after a simulated minute, or the time that is given', async () => {
  const initialize = "setInterval(() => console.log('tick'), 10000)";
  const ticks = async (...argv: string[]): Promise<number> => {
    const { code, err } = await tested(swarmlet('1', '[1]', { initialize }), ...argv);
    assert.is(code, 0);
    return err.split('\n').length - 1;
  };
  assert.is(await ticks(), 6);
  assert.is(await ticks('--timeout', '25000'), 2);
  assert.match((await person.type(['test', 'x', '--timeout', 'soon'])).err, "--timeout takes milliseconds, got 'soon'");
});

it('shows the values of a test in training', async () => {
  const { code, out } = await tested(swarmlet("1, 'x'", '[]', { setup: "test.setParameter('trainingMode', true);" }));
  assert.is(code, 0);
  assert.match(out, "ok    It.test: training; correctValues would be [ 1, 'x' ]\n");
});

for (const [where, more, text] of [
  ['in a timer', { initialize: "setTimeout(() => { throw new Error('broken'); }, 5)" }, 'ERROR It: broken'],
  ['in initialize', { initialize: "throw new Error('broken')" }, 'ERROR It: broken'],
  ['in wrapup', { initialize: "exports.wrapup = () => { throw new Error('broken'); }; this.stopAt(100)" }, 'ERROR It: broken'],
  [
    'in a handler',
    {
      setup: `const bad = this.instantiateFromCode('bad', "exports.setup = function () { this.input('x');" +
        "}; exports.initialize = function () { this.addInputHandler('x', () => { throw new Error('broken'); }); };");
        this.connect(source, 'output', bad, 'x');`,
    },
    'ERROR It: Error in a handler of input x of It.bad, which is removed: broken',
  ],
] as const) {
  it(`fails a swarmlet with an error ${where}, and tells it once`, async () => {
    const { code, out } = await tested(swarmlet('1', '[1]', more));
    assert.is(code, 1);
    assert.match(out, `${text}\n`);
    assert.match(out, / failed, 1 error\n$/);
  });
}

it('prints JSON for programs', async () => {
  const { code, out } = await tested(swarmlet('1, 2', '[1, 3]'), '--json');
  assert.is(code, 1);
  const { passed, tests, errors } = JSON.parse(out);
  assert.equal({ passed, errors }, { passed: false, errors: [] });
  const got = [
    { value: 1, atMs: 1 },
    { value: 2, atMs: 2 },
  ];
  assert.equal(tests, [{ name: 'It.test', training: false, expected: [1, 3], got, right: 1, passed: false }]);
});

it('says in one line what cannot be tested', async () => {
  for (const [source, message] of [
    ['exports.setup = function () {};', /It\.js contains no test\/TrainableTest\. See: accessors new --help/],
    ['exports.setup = function () { return 1 1; };', /It\.js:1:\d+: SyntaxError: /],
    ["exports.setup = function () { throw new Error('no lamp'); };", /It\.js: no lamp/],
  ] as const) {
    const { code, err } = await tested(source);
    assert.is(code, 1);
    assert.match(err, message);
    assert.is(err.trimEnd().split('\n').length, 1);
  }
  assert.is((await person.type(['test', join(folder.path, 'None.js')])).code, 3);
});

it('ends with 130 when it is interrupted', async () => {
  const { code } = await person.type(['test', 'test/auto/RampJSTest'], { signal: AbortSignal.abort() });
  assert.is(code, 130);
});

for (const language of ['js', 'ts'] as const) {
  it(`new makes an accessor with a header and a test that passes: ${language}`, async () => {
    const path = join(folder.path, language, 'lights/Lamp');
    const made = await person.type(['new', path, ...(language === 'ts' ? ['--ts'] : [])]);
    assert.is(made.code, 0, made.err);
    assert.match(made.out, `accessors test ${path}Test.${language}\n`);
    const { code, out } = await person.type(['test', `${path}Test.${language}`]);
    assert.is(out, 'ok    LampTest.test: 3 values\n1 passed, 0 failed\n');
    assert.is(code, 0);
    const { parameters, errors } = JSON.parse((await person.type(['describe', path, '--json'])).out);
    assert.equal(parameters, [{ name: 'gain', type: 'number', value: 2, note: '' }]);
    assert.is(errors.length, 1);
  });
}

it('new writes TypeScript that its compiler accepts', async () => {
  const path = join(folder.path, 'typed/Lamp');
  await person.type(['new', path, '--ts']);
  const paths = folderWith({
    'tsconfig.json': JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: true,
        typeRoots: [join(root, 'node_modules/@types')],
        paths: { '@terraswarm/accessors': [join(root, 'src/index.ts')] },
      },
      include: [join(folder.path, 'typed')],
    }),
  });
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'));
  const { code, stdout } = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', paths.path], {
    cwd: paths.path,
  });
  paths.remove();
  assert.is(code, 0, stdout);
});

it('new leaves what is there, in either language, and makes neither file then', async () => {
  const kept = folderWith({ 'Lamp.js': 'mine', 'SunTest.ts': 'mine' });
  for (const [name, there] of [
    ['Lamp', 'Lamp.js'],
    ['Sun', 'SunTest.ts'],
  ] as const) {
    for (const more of [[], ['--ts']]) {
      const { code, err } = await person.type(['new', join(kept.path, name), ...more]);
      assert.is(code, 1);
      assert.match(err, `${there} is there already`);
      assert.is(readFileSync(join(kept.path, there), 'utf8'), 'mine');
    }
  }
  assert.throws(() => readFileSync(join(kept.path, 'LampTest.js')));
  assert.throws(() => readFileSync(join(kept.path, 'Sun.js')));
  kept.remove();
  assert.is((await person.type(['new', 'a-b'])).code, 2);
});

it.run();
