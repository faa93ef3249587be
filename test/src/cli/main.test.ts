import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../../src/cli/catalog.ts';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('accessors');
const folder = folderWith();
it.after(folder.remove);
const person = new Person(folder.path);

it('shows what it can do, and each command with an example', async () => {
  for (const argv of [[], ['--help'], ['-h'], ['help']]) {
    const { code, out } = await person.type(argv);
    assert.is(code, 0);
    for (const { name } of commands) assert.match(out, `  ${name}`);
  }
  for (const { name, options, examples } of commands) {
    const { code, out } = await person.type([...name.split(' '), '--help']);
    assert.is(code, 0);
    assert.match(out, `Usage: accessors ${name}`);
    assert.ok(examples.length > 0);
    for (const text of [...Object.keys(options), ...examples]) assert.match(out, text);
  }
  assert.match((await person.type(['trust', '--help'])).out, 'trust add');
  assert.match((await person.type(['help', 'push'])).out, '--run-for TIME');
  assert.match((await person.type(['--version'])).out, /^accessors \d+\.\d+\.\d+/);
});

it('refuses what it does not know in one line that says what was meant', async () => {
  const cases: [argv: string[], message: RegExp][] = [
    [['psuh', 'x.js'], /no command 'psuh' \(did you mean push\?\)\. See: accessors --help/],
    [['frobnicate'], /no command 'frobnicate'\. See/],
    [['--frobnicate'], /no option --frobnicate here/],
    [['trust', 'lst'], /no command 'trust lst' \(did you mean ls\?\)/],
    [['key', 'frobnicate'], /no command 'key frobnicate'\. See: accessors key --help/],
    [['push', 'x.js', '--limt', 'a=1'], /push has no option --limt \(did you mean --limit\?\)/],
    [['push', 'x.js', '-x'], /push has no option -x/],
    [['push'], /push needs FILE/],
    [['push', 'x.js', 'y.js'], /push takes no 'y\.js' here/],
    [['push', 'x.js', '--to'], /--to needs a value: --to BOX/],
    [['push', 'x.js', '--to', '--watch'], /--to needs a value/],
    [['push', 'x.js', '--watch=yes'], /--watch takes no value, got 'yes'/],
    [['ps', '--timeout', 'soon'], /--timeout takes a time such as 30s.*'soon'/],
    [['ps', '--to', 'http://box:1'], /A box has a ws:\/\/ or wss:\/\/ URL, got 'http:\/\/box:1'/],
    [['ps', '--to', 'ws://box:x'], /'ws:\/\/box:x' is no URL of a box/],
    [['ps', '--box-id', 'abc'], /--box-id takes SHA256/],
    [['logs', 'lamp', '--since', 'yesterday'], /--since takes a time.*'yesterday'/],
  ];
  for (const [argv, message] of cases) {
    const { code, out, err } = await person.type(argv);
    assert.match(err, message);
    assert.is(err.trimEnd().split('\n').length, 1, argv.join(' '));
    assert.is(code, 2, argv.join(' '));
    assert.is(out, '');
  }
});

it('tells programs the code of an error on standard output as well', async () => {
  const { code, out } = await person.type(['ps', '--json', '--to', 'nobody-known']);
  assert.is(code, 3);
  assert.is(JSON.parse(out).error.code, 'NOT_FOUND');
});

it('names the box that is not there, and the next step', async () => {
  const { code, err } = await person.type(['ps', '--identity', 'nowhere']);
  assert.match(err, /Cannot read the key .*nowhere.*accessors key new/);
  assert.is(code, 1);
});

it('keeps the terminal safe from what comes from outside', async () => {
  const { err } = await person.type(['ps', '--to', 'evil\x1b]0;title\x07\u2028\u202ename']);
  assert.ok(!/[\p{Cc}\p{Cf}\p{Zl}]/u.test(err.trimEnd()));
  assert.match(err, '\\u001b]0;title\\u0007\\u2028\\u202ename');
});

it.run();
