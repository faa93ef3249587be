import { open } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { give, type Live, live, needing, Outputs, Reports, type Running, start } from '../../support/live.ts';

const it = suite('SerialPort');
let host: Live;
let reports: Reports;

/** A line of two ends that look like serial ports. */
async function line(): Promise<{ running: Running; ends: [string, string] } | undefined> {
  const running = await start('socat', ['-d', '-d', 'pty,raw,echo=0', 'pty,raw,echo=0']);
  if (!running) return undefined;
  const [, first = '', second = ''] = await running.wrote(/PTY is (\S+)[\s\S]*PTY is (\S+)[\s\S]*starting data transfer loop/);
  return { running, ends: [first, second] };
}
const socat = await line();
const withLine = needing(it, 'socat', socat);
const [near, far] = socat?.ends ?? ['', ''];

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(() => socat?.running.stop());

function ready(port: string, parameters: Record<string, unknown> = {}) {
  const accessor = host.run('net/SerialPort', { port, ...parameters });
  return { accessor, outputs: new Outputs(accessor) };
}

withLine('text goes both ways between two accessors', async () => {
  const [one, other] = [ready(near), ready(far)];
  give(one.accessor, { toSend: 'grün' });
  give(other.accessor, { toSend: 'lamp' });
  assert.is(await one.outputs.value('received'), 'lamp');
  assert.is(await other.outputs.value('received'), 'grün');
});

withLine('a program at the other end gets numbers in the size of their type, and what it writes arrives', async () => {
  const { accessor, outputs } = ready(near, { sendType: 'short', receiveType: 'unsignedshort' });
  const file = await open(far, 'r+');
  try {
    give(accessor, { toSend: [-2, 258] });
    const buffer = Buffer.alloc(4);
    for (let got = 0; got < 4; ) got += (await file.read(buffer, got, 4 - got)).bytesRead;
    assert.equal([...buffer], [255, 254, 1, 2]);
    await file.write(Buffer.from([255, 255, 0, 7]));
    assert.equal(await outputs.values('received', 2), [65535, 7]);
  } finally {
    await file.close();
  }
});

withLine('JSON comes a line each, and what is none comes out of invalid', async () => {
  const { accessor, outputs } = ready(near, { receiveType: 'json' });
  const file = await open(far, 'r+');
  try {
    give(accessor, { toSend: '!' });
    await file.read(Buffer.alloc(1)); // now the port is open: what comes before is nobody's
    await file.write('{"lamp": ');
    await file.write('1}\nnonsense\n[2]\n');
    assert.equal(await outputs.values('received', 2), [{ lamp: 1 }, [2]]);
    assert.equal(outputs.of('invalid'), ['nonsense']);
  } finally {
    await file.close();
  }
});

withLine('10,000 messages arrive in order', async () => {
  const [one, other] = [ready(near, { sendType: 'int' }), ready(far, { receiveType: 'int' })];
  for (let i = 0; i < 10_000; i++) give(one.accessor, { toSend: i });
  assert.equal(
    await other.outputs.values('received', 10_000),
    Array.from({ length: 10_000 }, (_, i) => i),
  );
});

withLine('wrapup frees the port', async () => {
  const one = ready(near);
  const other = ready(far);
  give(one.accessor, { toSend: 'first' });
  await other.outputs.value('received');
  one.accessor.wrapup();
  const again = ready(near);
  give(again.accessor, { toSend: 'second' });
  assert.is(await other.outputs.value('received', 2), 'second');
  assert.equal(reports.lines, []);
});

it('reports a port that is not there', async () => {
  host.run('net/SerialPort', { port: '/dev/no-such-port' });
  await reports.matching(/Serial port \/dev\/no-such-port: .*No such file/i);
});

it.run();
