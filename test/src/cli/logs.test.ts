import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../../hosts/common/index.ts';
import { LogMerge } from '../../../src/cli/log-merge.ts';
import { Person } from '../../support/cli.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';

const it = suite('accessors logs');
if (!hasOpenSsh) console.log('skipped: accessors logs: OpenSSH is not installed');
const test = hasOpenSsh ? it : it.skip;
const folder = folderWith();
let identity: string[] = [];
const boxes: FakeBox[] = [];
const person = new Person(folder.path);
it.before(() => {
  if (hasOpenSsh) identity = ['--identity', sshKey(folder.path)];
});
it.after(folder.remove);
it.after.each(async () => {
  for (const box of boxes.splice(0)) await box.close();
});

interface Line {
  readonly level: string;
  readonly line: string;
  readonly at: string;
}
const line = (text: string, second: number, level = 'info'): Line => ({
  level,
  line: text,
  at: new Date(Date.UTC(2026, 10, 22, 18, 0, second)).toISOString(),
});

/** A box on which the swarmlet has printed that. */
async function boxWith(lines: Line[], port = 0, keys?: FakeBox['keys']): Promise<FakeBox> {
  const box = await FakeBox.open(keys, port);
  boxes.push(box);
  box.methods.set('logs', ({ since = '' }) => ({ lines: lines.filter(({ at }) => at >= String(since)) }));
  return box;
}

/** Follows until a line has been printed so often. */
async function following(argv: string[], until: (line: string) => unknown, given: Parameters<Person['type']>[1] = {}, who = person) {
  const interrupt = new AbortController();
  const onLine = async (text: string): Promise<void> => {
    if (await until(text)) interrupt.abort(new CodedError('INTERRUPTED', 'Interrupted.'));
  };
  const ended = await who.type(['logs', '-f', 'lamp', ...identity, ...argv], { ...given, signal: interrupt.signal, onLine });
  assert.is(ended.code, 130, ended.err);
  return ended;
}

const texts = (out: string): string[] =>
  out
    .trimEnd()
    .split('\n')
    .map((text) => text.replace(/\d\d:\d\d:\d\d\.\d{3} /, ''));

test('puts the lines of several boxes in the order of their time', async () => {
  const one = await boxWith([line('a', 1), line('c', 3, 'error')]);
  const two = await boxWith([line('b', 2), line('d', 4)]);
  const to = ['--to', one.address, '--to', two.address];
  const { code, out } = await person.type(['logs', 'lamp', ...identity, ...to]);
  assert.is(code, 0);
  const expected = [`${one.address}: a`, `${two.address}: b`, `${one.address}: error c`, `${two.address}: d`];
  assert.equal(texts(out), expected);
  const followed = await following(to, (text) => text.endsWith(' d'));
  assert.equal(texts(followed.out), expected);
  const json = await following([...to, '--json'], (text) => text.includes('"d"'));
  assert.equal(
    json.out
      .trimEnd()
      .split('\n')
      .map((text) => [JSON.parse(text).box, JSON.parse(text).line]),
    [
      [one.address, 'a'],
      [two.address, 'b'],
      [one.address, 'c'],
      [two.address, 'd'],
    ],
  );
});

test('tells boxes apart by colour, only on a terminal that shows colours', async () => {
  const one = await boxWith([line('a', 1)]);
  const two = await boxWith([line('\u001b]0;x\u0007b', 2, 'error')]);
  const argv = ['logs', 'lamp', ...identity, '--to', one.address, '--to', two.address];
  const colourful = await new Person(folder.path, { NO_COLOR: '' }).type(argv, { attended: true });
  assert.match(colourful.out, `\u001b[36m${one.address}: \u001b[0m`);
  assert.match(colourful.out, `\u001b[35m${two.address}: \u001b[0m`);
  assert.match(colourful.out, '\u001b[31merror \\u001b]0;x\\u0007b\u001b[0m');
  assert.not.match((await person.type(argv, { attended: true })).out, '\u001b');
});

test('goes on after a connection is lost, and shows each line once', async () => {
  const lines = [line('a', 1), line('b', 2), line('c', 2)];
  const box = await boxWith(lines);
  const ended = await following(['--to', box.address], async (text) => {
    if (text.endsWith(' c')) {
      lines.push(line('d', 2), line('e', 3));
      box.cut();
    }
    return text.endsWith(' e');
  });
  assert.equal(texts(ended.out), ['a', 'b', 'c', 'd', 'e']);
  assert.match(ended.err, /was lost \(cut off\)\. It is tried again until Ctrl-C\n/);
  assert.match(ended.err, 'accessors: connected again\n');
});

test('follows the boxes that answer, and those that come later', async () => {
  const one = await boxWith([line('a', 1)]);
  const gone = await boxWith([]);
  const { port, keys } = gone;
  await gone.close();
  const ended = await following(['--to', one.address, '--to', gone.address], async (text) => {
    if (text.endsWith(' a')) await boxWith([line('late', 9)], port, keys);
    return text.endsWith(' late');
  });
  assert.match(ended.err, `accessors: ${gone.address}: No box answers`);
});

test('ends when what keeps it from reading will not change', async () => {
  const gone = await boxWith([]);
  await gone.close();
  assert.is((await person.type(['logs', '-f', 'lamp', ...identity, '--to', gone.address])).code, 7);
  const box = await boxWith([]);
  box.methods.set('logs', () => {
    throw new CodedError('NOT_FOUND', 'There is no swarmlet lamp');
  });
  const { code, err } = await person.type(['logs', '-f', 'lamp', ...identity, '--to', box.address]);
  assert.equal([code, err.match(/There is no swarmlet lamp/)?.length], [3, 1]);
});

test('says why one that does not run has ended', async () => {
  const box = await boxWith([line('memory: used 300 MiB', 1, 'error')]);
  const status = {
    swarmlet: 'lamp',
    state: 'failed',
    reason: 'crash-loop',
    since: new Date(Date.now() - 180_500).toISOString(),
    sequence: 1,
  };
  box.methods.set('status', () => status);
  const { code, out, err } = await person.type(['logs', 'lamp', ...identity, '--to', box.address]);
  assert.equal([code, texts(out)], [0, ['error memory: used 300 MiB']]);
  assert.match(err, 'lamp is failed (crash-loop) since 3m\n');
});

it('lets a line wait for an older one of another box, and no longer', () => {
  let now = 0;
  const printed: string[] = [];
  const merge = new LogMerge<Line>(
    10,
    ({ line: text }) => printed.push(text),
    () => now,
  );
  for (const one of [line('b', 2), line('a', 1), line('c', 3)]) merge.add(one);
  now = 5;
  merge.add(line('a too', 1));
  merge.flush();
  assert.equal(printed, ['a', 'a too', 'b', 'c']);
  const direct = new LogMerge<Line>(0, ({ line: text }) => printed.push(text));
  direct.add(line('d', 0));
  assert.is(printed.at(-1), 'd');
});

it.run();
