import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type HttpPeer, httpPeer } from '../../support/http.ts';
import { give, type Live, live, Outputs, Reports } from '../../support/live.ts';

const it = suite('Hue');
let host: Live;
let reports: Reports;
let bridge: HttpPeer;
/** Attempts to register that find the button not pressed. */
let unpressed = 0;
let puts: [path: string, state: unknown][] = [];
let put: () => void = () => {};

const lamps = {
  '1': { name: 'Desk', state: { on: true, bri: 100, hue: 1000, sat: 200, xy: [0.1, 0.2], ct: 300, colormode: 'xy', reachable: true } },
  '2': { name: 'Door', state: { on: false, bri: 1 } },
};

it.before(async () => {
  bridge = await httpPeer(({ method, url, body }) => {
    const [, , user, ...rest] = url.pathname.split('/');
    if (method === 'POST') {
      if (unpressed-- > 0) return [{ error: { type: 101, address: '', description: 'link button not pressed' } }];
      return [{ success: { username: 'known' } }];
    }
    if (user !== 'known') return [{ error: { type: 1, address: '/', description: 'unauthorized user' } }];
    if (method === 'GET') return lamps;
    puts.push([rest.join('/'), JSON.parse(body)]);
    put();
    if (rest[1] === '9') return [{ error: { type: 3, address: '/lights/9', description: 'resource, /lights/9, not available' } }];
    return [{ success: { [url.pathname]: true } }];
  });
});
it.before.each(() => {
  host = live();
  reports = new Reports();
  bridge.calls.length = 0;
  puts = [];
  put = () => {};
  unpressed = 0;
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(() => bridge.close());

const parameters = (more: object = {}) => ({ bridgeIP: `127.0.0.1:${bridge.port}`, userName: 'known', onWrapup: 'none', ...more });

it('tells the lamps at first and after a probe', async () => {
  const hue = host.run('devices/Hue', parameters());
  const outputs = new Outputs(hue);
  assert.equal(await outputs.value('lights'), lamps);
  give(hue, { probe: true });
  await outputs.value('lights', 2);
});

it('sends commands, those also that came before the bridge answered', async () => {
  const hue = host.run('devices/Hue', parameters());
  const outputs = new Outputs(hue);
  give(hue, {
    commands: [
      { id: 1, on: true, bri: 254 },
      { id: '2', on: false },
    ],
  });
  await outputs.values('response', 2);
  assert.equal(puts.sort(), [
    ['lights/1/state', { on: true, bri: 254 }],
    ['lights/2/state', { on: false }],
  ]);
});

it('asks for the button until it is pressed, and tells the new user name', async () => {
  unpressed = 1;
  const { log } = console;
  const printed: string[] = [];
  console.log = (line) => printed.push(line);
  const hue = host.run('devices/Hue', parameters({ userName: 'stranger' }));
  const outputs = new Outputs(hue);
  try {
    assert.is(await outputs.value('assignedUserName'), 'known');
  } finally {
    console.log = log;
  }
  assert.equal(printed, ['Hue: press the button of the bridge.']);
  await outputs.value('lights');
});

it('reports what the bridge refuses, and commands without a lamp', async () => {
  const hue = host.run('devices/Hue', parameters());
  await new Outputs(hue).value('lights');
  give(hue, { commands: { id: 9, on: true } });
  await reports.matching(/refuses .*: resource, \/lights\/9, not available/);
  give(hue, { commands: { on: true } });
  await reports.matching(/A command should be like/);
});

it('needs an address', () => {
  assert.throws(() => host.run('devices/Hue'), /set the parameter bridgeIP/);
});

it('reports a bridge that is absent', async () => {
  host.run('devices/Hue', { bridgeIP: '127.0.0.1:1' });
  await reports.matching(/The bridge 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/);
});

for (const [onWrapup, state] of [
  ['turn off', { on: false }],
  ['restore', { on: true, bri: 100, xy: [0.1, 0.2] }],
] as const) {
  it(`leaves the lamps that it changed as asked at wrapup: ${onWrapup}`, async () => {
    const hue = host.run('devices/Hue', parameters({ onWrapup }));
    const outputs = new Outputs(hue);
    give(hue, { commands: { id: 1, bri: 5 } });
    await outputs.value('response');
    const last = new Promise<void>((resolve) => {
      put = resolve;
    });
    hue.wrapup();
    await last;
    assert.equal(puts.at(-1), ['lights/1/state', state]);
  });
}

it.run();
