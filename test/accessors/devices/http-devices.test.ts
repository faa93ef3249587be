import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type HttpPeer, httpPeer } from '../../support/http.ts';
import { give, type Live, live, Outputs, Reports } from '../../support/live.ts';

const it = suite('devices by HTTP');
let host: Live;
let reports: Reports;
let peer: HttpPeer;
let answer: (path: string) => unknown = () => ({});

it.before(async () => {
  peer = await httpPeer(({ url }, response) => {
    if (!url.pathname.endsWith('snapshot.cgi')) return answer(url.pathname);
    response.setHeader('content-type', 'image/jpeg').end(Buffer.from([0xff, 0xd8, 0xff]));
    return undefined;
  });
});
it.before.each(() => {
  host = live();
  reports = new Reports();
  peer.calls.length = 0;
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(() => peer.close());

it('Foscam takes a snapshot as bytes, and names the account', async () => {
  const camera = host.run('cameras/Foscam', { password: 'a b' }, { options: peer.url });
  const outputs = new Outputs(camera);
  give(camera, { trigger: true });
  assert.equal(await outputs.value('response'), Buffer.from([0xff, 0xd8, 0xff]));
  assert.is(`${peer.calls[0]?.url.pathname}${peer.calls[0]?.url.search}`, '/snapshot.cgi?user=admin&pwd=a%20b');
});

for (const [command, number] of [
  ['up', '0'],
  ['stop right', '7'],
  ['center', '25'],
  ['stop horizontal patrol', '29'],
]) {
  it(`Foscam moves: ${command}`, async () => {
    answer = () => 'ok';
    const camera = host.run('cameras/Foscam', {}, { options: peer.url });
    const outputs = new Outputs(camera);
    give(camera, { command, arguments: { onestep: 1 }, trigger: true });
    await outputs.value('response');
    const [{ url }] = peer.calls as [(typeof peer.calls)[0]];
    assert.is(url.pathname, '/decoder_control.cgi');
    assert.equal(Object.fromEntries(url.searchParams), { command: number, onestep: '1', user: 'admin', pwd: '' });
  });
}

const aircraft = [
  { hex: 'a1', lat: 37.9, lon: -122.3, altitude: 10_000, seen: 1 },
  { hex: 'a2', lat: 40, lon: -122.3, altitude: 10_000, seen: 1 },
  { hex: 'a3', lat: 37.9, lon: -122.3, altitude: 10_000, seen: 60 },
  { hex: 'a4', altitude: 10_000, seen: 1 },
];

for (const [title, list] of [
  ['the list of older versions', aircraft],
  ['the object of newer versions', { now: 1, aircraft }],
] as const) {
  it(`AdsB selects aircraft that are current and near, from ${title}`, async () => {
    answer = () => list;
    const inputs = { latRef: 37.87, lonRef: -122.27 };
    const receiver = host.run('devices/AdsB', { dump1090Server: '127.0.0.1', port: peer.port, threshold: 10_000 }, inputs);
    const outputs = new Outputs(receiver);
    give(receiver, { trigger: true });
    const hex = (value: unknown): string[] => (value as { hex: string }[]).map((one) => one.hex);
    assert.equal(hex(await outputs.value('aircrafts')), ['a1', 'a2']);
    assert.equal(hex(await outputs.value('traffic')), ['a1']);
    assert.is(peer.calls[0]?.url.pathname, '/dump1090/data.json');
  });
}

it('AdsB takes heights into account if the place has one', async () => {
  answer = () => aircraft;
  const inputs = { latRef: 37.9, lonRef: -122.3, altRef: 0 };
  const receiver = host.run('devices/AdsB', { dump1090Server: '127.0.0.1', port: peer.port, threshold: 3000 }, inputs);
  const outputs = new Outputs(receiver);
  give(receiver, { trigger: true }); // 10,000 feet are 3,048 m
  assert.equal(await outputs.value('traffic'), []);
});

for (const [accessorClass, output, path] of [
  ['devices/EcSensor', 'ec', '/ec'],
  ['devices/PhSensor', 'ph', '/ph'],
] as const) {
  it(`${accessorClass} sends the number that the controller tells, bare or by name`, async () => {
    answer = () => 6.5;
    const sensor = host.run(accessorClass, {}, { options: peer.url });
    const outputs = new Outputs(sensor);
    give(sensor, { trigger: true });
    assert.is(await outputs.value(output), 6.5);
    assert.is(peer.calls[0]?.url.pathname, path);
    answer = () => ({ [output]: 7 });
    give(sensor, { trigger: true });
    assert.is(await outputs.value(output, 2), 7);
    answer = () => 'broken';
    give(sensor, { trigger: true });
    await reports.matching(/should send a number, got "broken"/);
  });
}

it.run();
