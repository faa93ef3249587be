import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Life, Notifier } from '../../../src/notify/index.ts';
import { folderWith } from '../../support/folder.ts';
import { canListen, NotifySocket } from '../../support/notify-socket.ts';
import { realBox } from '../../support/real-box.ts';

const it = suite('notifier');
const folder = folderWith();
const open: NotifySocket[] = [];
it.after(() => {
  for (const socket of open) socket.close();
  folder.remove();
});

async function listen(name: string): Promise<NotifySocket> {
  const socket = await NotifySocket.open(name);
  open.push(socket);
  return socket;
}

function notifier(env: NodeJS.ProcessEnv, warnings: string[] = []): Notifier {
  return Notifier.of({ PATH: process.env.PATH, ...env }, (message) => warnings.push(message)) as Notifier;
}

const well: Life = { pulse: async () => undefined, status: () => 'all is well' };

it('is not there where nobody wants to know', () => {
  for (const socket of [undefined, '', 'vsock:2:1234', 'relative'])
    assert.is(
      Notifier.of({ NOTIFY_SOCKET: socket }, () => {}),
      undefined,
    );
});

it('tells once why nothing can be sent, and goes on', async () => {
  const warnings: string[] = [];
  const socket = join(folder.path, 'nobody');
  const missing = notifier({ NOTIFY_SOCKET: socket, PATH: folder.path }, warnings);
  missing.ready(well);
  missing.reloading();
  await missing.stopping();
  assert.equal(warnings, ['Whoever started this box is not told how it is: systemd-notify is not installed']);
});

if (!canListen) console.log('skipped: messages to a service manager: needs python3 and systemd-notify');
const really = canListen ? it : it.skip;

for (const [kind, name] of [
  ['a path', join(folder.path, 'notify')],
  ['an abstract name', `@accessors-test-${process.pid}`],
] as const) {
  really(`tells ${kind} what happens, in order`, async () => {
    const socket = await listen(name);
    const told = notifier({ NOTIFY_SOCKET: name });
    told.ready({ ...well, status: () => '2 run\nREADY=0' });
    told.reloading();
    told.ready({ ...well, status: () => '3 run' });
    await told.stopping();
    assert.equal(await socket.next(), ['READY=1', 'STATUS=2 run\\u000aREADY=0']);
    const [reloading, at = ''] = await socket.next();
    assert.is(reloading, 'RELOADING=1');
    assert.ok(Number(/^MONOTONIC_USEC=(\d+)$/.exec(at)?.[1]) <= Number(process.hrtime.bigint() / 1000n));
    assert.equal(await socket.next(), ['READY=1', 'STATUS=3 run']);
    assert.equal(await socket.next(), ['STOPPING=1', 'STATUS=stopping']);
  });
}

really('shows that the box lives, only while it does, and what has changed', async () => {
  const socket = await listen(join(folder.path, 'watched'));
  const told = notifier({ NOTIFY_SOCKET: socket.name, WATCHDOG_USEC: '20000', WATCHDOG_PID: String(process.pid) });
  let asked = (): void => {};
  let status = '1 run';
  let pulse: Life['pulse'] = async () => undefined;
  told.ready({ pulse: () => pulse(), status: () => status });
  assert.equal(await socket.next(), ['READY=1', 'STATUS=1 run']);
  assert.equal(await socket.next(), ['WATCHDOG=1']);
  const stuck = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let answer: (why: string | undefined) => void = () => {};
  pulse = () => {
    asked();
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  await stuck;
  told.reloading();
  assert.is((await socket.nextNews())[0], 'RELOADING=1');
  status = '2 run';
  pulse = async () => undefined;
  answer(undefined);
  assert.equal(await socket.next(), ['WATCHDOG=1', 'STATUS=2 run']);
  let ill = 0;
  const often = new Promise<void>((resolve) => {
    pulse = async () => {
      if (++ill === 3) resolve();
      return 'the database has ended';
    };
  });
  await often;
  await told.stopping();
  assert.equal(await socket.nextNews(), ['STOPPING=1', 'STATUS=stopping']);
});

really('shows no life of another process', async () => {
  const socket = await listen(join(folder.path, 'other'));
  const told = notifier({ NOTIFY_SOCKET: socket.name, WATCHDOG_USEC: '2000', WATCHDOG_PID: '1' });
  told.ready(well);
  assert.is((await socket.next())[0], 'READY=1');
  told.reloading();
  assert.is((await socket.next())[0], 'RELOADING=1');
  await told.stopping();
});

really('is told by a box from its start to its end', async () => {
  const socket = await listen(join(folder.path, 'box'));
  const env = { ...process.env, NOTIFY_SOCKET: socket.name, WATCHDOG_USEC: '200000' };
  const box = await realBox({ env }, '--state', join(folder.path, 'state'), '--discovery', '{}');
  try {
    assert.equal(await socket.next(), ['READY=1', 'STATUS=0 of 0 swarmlets run']);
    assert.equal(await socket.next(), ['WATCHDOG=1']);
    box.child.kill('SIGHUP');
    assert.match((await socket.nextNews()).join(), /^RELOADING=1,MONOTONIC_USEC=\d+$/);
    assert.equal(await socket.nextNews(), ['READY=1']);
  } finally {
    await box.end('SIGTERM');
  }
  assert.equal(await socket.nextNews(), ['STOPPING=1', 'STATUS=stopping']);
});

it.run();
