import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Person } from '../../support/cli.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';
import { needing } from '../../support/live.ts';

const it = suite('accessors top');
const test = needing(it, 'OpenSSH', hasOpenSsh);

const folder = folderWith();
let box: FakeBox;
let person: Person;
let looks = 0;

const status = (swarmlet: string, cpuPercent: number, messagesOut: number, more: object = {}): object => ({
  swarmlet,
  version: '1.0.0',
  sequence: 1,
  state: 'running',
  principal: 'alice@lab',
  since: new Date().toISOString(),
  usage: { memoryMiB: 7.25, cpuPercent, messagesIn: 0, messagesOut, droppedLogs: 0 },
  ...more,
});

it.before.each(async () => {
  looks = 0;
  box = await FakeBox.open();
  box.methods.set('list', () => {
    looks++;
    return {
      swarmlets: [
        status('lamp', 1, 100 * looks),
        status('fan', 30, 0),
        status('evil\x1b[2J\nname', 2, 0, { state: 'failed', reason: 'memory' }),
      ],
    };
  });
  person = new Person(folder.path, { ACCESSORS_BOX: box.url });
});
it.after.each(() => box.close());
it.after(() => folder.remove());
if (hasOpenSsh) sshKey(folder.path, 'id');

const identity = ['--identity', `${folder.path}/id`];

test('shows once in a pipe what uses most, and keeps names from acting on a terminal', async () => {
  const { code, out } = await person.type(['top', ...identity]);
  const [summary, , headings, ...rows] = out.trimEnd().split('\n');
  assert.is(code, 0);
  assert.match(summary ?? '', /^\d\d:\d\d:\d\d, 2 of 3 running, 1 failing, CPU 33\.0%, memory 21\.8 MiB$/);
  assert.match(headings ?? '', /^NAME +STATE +CPU +MEMORY +MESSAGES +SINCE +VERSION +BY +REASON$/);
  assert.equal(
    rows.map((row) => row.split(/ {2,}/)[0]),
    ['fan', 'evil\\u001b[2J\\u000aname', 'lamp'],
  );
  assert.not(out.includes('\x1b'));
});

test('looks again and again, with the messages of a second, as often as it is asked to', async () => {
  const { out } = await person.type(['top', '--count', '2', '--interval', '250ms', '--json', ...identity]);
  const [first, second] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const rate = ({ boxes }: { boxes: { swarmlets: { swarmlet: string; messagesPerSecond?: number }[] }[] }): number | undefined =>
    boxes[0]?.swarmlets.find(({ swarmlet }) => swarmlet === 'lamp')?.messagesPerSecond;
  assert.is(rate(first), undefined);
  assert.ok(Number(rate(second)) > 0);
});

test('takes the other screen of a terminal, and gives it back at Ctrl-C', async () => {
  const interrupt = new AbortController();
  let frames = 0;
  const onLine = (line: string): void => {
    if (line.includes('fan') && ++frames === 2) interrupt.abort();
  };
  const { code, out } = await person.type(['top', '--interval', '250ms', ...identity], {
    attended: true,
    signal: interrupt.signal,
    onLine,
  });
  assert.is(code, 130);
  assert.ok(out.startsWith('\x1b[?1049h\x1b[?25l'));
  assert.ok(out.trimEnd().endsWith('\x1b[?25h\x1b[?1049l'));
});

test('shows a line a row on a narrow terminal', async () => {
  const colourful = new Person(folder.path, { ACCESSORS_BOX: box.url, NO_COLOR: '' });
  const { out } = await colourful.type(['top', '--count', '1', ...identity], { attended: true, columns: 40 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what acts on the terminal takes no room
  const rows = out.replaceAll(/\x1b\[[?\d;]*[A-Za-z]/g, '');
  const lines = rows.trimEnd().split('\n');
  assert.ok(lines.length > 4 && lines.every((row) => row.length <= 40), out);
  assert.match(out, '\x1b[32mrunn');
});

test('says that a box is lost, goes on, and finds it again', async () => {
  const other = await FakeBox.open();
  other.methods.set('list', () => ({ swarmlets: [status('other', 1, 0)] }));
  const lines: string[] = [];
  const onLine = (line: string): void => {
    lines.push(line);
    if (lines.length === 1) void other.close();
  };
  const argv = ['top', '--count', '2', '--interval', '250ms', '--json', '--to', box.url, '--to', other.url, ...identity];
  const { code } = await person.type(argv, { onLine });
  const [, { boxes }] = lines.map((line) => JSON.parse(line));
  assert.is(code, 7);
  assert.equal(
    boxes.map(({ error, swarmlets }: { error?: { code: string }; swarmlets?: unknown[] }) => error?.code ?? swarmlets?.length),
    [3, 'BOX_NOT_REACHED'],
  );
});

test('ends with the reason when it can show nothing, and refuses what makes no sense', async () => {
  const rows: [argv: string[], code: number, says: RegExp][] = [
    [['--to', 'ws://127.0.0.1:9'], 7, /127\.0\.0\.1:9/],
    [['--interval', '1ms'], 2, /250ms or more/],
    [['--count', 'all'], 2, /--count takes a number/],
  ];
  for (const [argv, wanted, says] of rows) {
    const { code, err, out } = await person.type(['top', ...identity, ...argv]);
    assert.equal([code, out], [wanted, '']);
    assert.match(err, says);
  }
});

it.run();
