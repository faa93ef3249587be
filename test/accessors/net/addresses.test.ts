import { networkInterfaces } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, react } from '../../support/library.ts';
import { give, type Live, live, needing, Outputs, Reports, start } from '../../support/live.ts';

const it = suite('IPAddress, Discovery, Global2LatLonAlt');
const ping = await start('ping', ['-c', '1', '127.0.0.1']);
await ping?.stop();
const nmap = await start('nmap', ['--version']);
await nmap?.stop();
let host: Live;
let reports: Reports;

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
});

it('IPAddress gives the first address that others can reach, or null', () => {
  const external = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal);
  assert.equal(react(library().run('net/IPAddress'), { trigger: true }), { IPAddress: external?.address ?? null });
});

it('Discovery says that an address is none, and that nothing was found', async () => {
  const accessor = host.run('net/Discovery');
  const outputs = new Outputs(accessor);
  give(accessor, { hostIP: '127.0.0.1; rm -rf /' });
  assert.match(String(await outputs.value('error')), /No devices found/);
  await reports.matching(/should be like 192\.168\.1\.5, got "127/);
});

needing(
  it,
  'iputils-ping',
  ping,
)('Discovery finds who answers a ping', async () => {
  const accessor = host.run('net/Discovery');
  const outputs = new Outputs(accessor);
  give(accessor, { hostIP: '127.0.0.1' });
  const devices = JSON.parse(String(await outputs.value('devices'))) as { ipAddress: string; name: string; mac: string }[];
  assert.is(devices.length, 254); // the whole network is this machine
  assert.equal(devices[0], { name: '127.0.0.1', ipAddress: '127.0.0.1', mac: '' });
});

if (!nmap) {
  it('Discovery says that nmap is missing', async () => {
    const accessor = host.run('net/Discovery', { useNmap: true });
    const outputs = new Outputs(accessor);
    give(accessor, { hostIP: '127.0.0.1' });
    await outputs.value('error');
    await reports.matching(/The program nmap is not installed on this machine/);
  });
}

it('Global2LatLonAlt takes the position out of a message, bare or packed', () => {
  const position = { latitude: 37.9, longitude: -122.3, altitude: 12 };
  const { run } = library();
  const expected = { lat: 37.9, lon: -122.3, alt: 12 };
  assert.equal(react(run('robotics/Global2LatLonAlt'), { global: position }), expected);
  assert.equal(react(run('robotics/Global2LatLonAlt'), { global: { op: 'publish', topic: '/fix', msg: position } }), expected);
  assert.equal(react(run('robotics/Global2LatLonAlt'), { global: {} }), {});
  assert.match(reports.lines.join('\n'), /should have latitude and longitude/);
});

it.run();
