import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProcessTier } from '../../../../hosts/node/isolate/index.ts';
import { bundleRuntime, image, initialize, openTier, run } from '../../../support/isolate.ts';
import { libraryText } from '../../../support/library-text.ts';

const it = suite('getResource in isolates');
const nowhere = { connect: [], listen: [], programs: [], serial: false, interfaces: false, files: false };
let tier: ProcessTier;
const opened: (() => unknown)[] = [];

it.before(async () => {
  tier = await openTier(bundleRuntime());
});
it.after.each(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
it.after(() => tier.close());

/** What a swarmlet sends that was started with these files. */
async function outputs(code: string, count: number, more: Parameters<typeof image>[1] = {}): Promise<unknown[]> {
  const { isolate, watcher } = await run(tier, image(initialize(code), more));
  opened.push(() => isolate.kill('exit', 'the test is over'));
  await watcher.until(() => watcher.outputs.length === count);
  return watcher.values('out');
}

/** What a call gives, or how it fails. */
const told = "var told = function (act) { try { return act(); } catch (e) { return (e.code || 'error') + ': ' + e.message; } };";

it('reads files that travelled, at once and later, and nothing of the box', async () => {
  const code = `${told}
    self.send('out', [
      getResource('data/lamp.txt', ''), getResource('./data/lamp.txt', null, null), this.getResource('/data/lamp.txt', { encoding: 'base64', returnURI: true }),
      told(function () { return getResource('data/lamp.txt'); }),
      told(function () { return getResource('/etc/passwd', ''); }),
      told(function () { return getResource('../../etc/passwd', ''); }),
      told(function () { return getResource('$KEYSTORE/key'); }),
    ]);
    getResource('data/lamp.txt', '', function (status, text) { self.send('out', [status, text]); });
    getResource('file:///etc/passwd', '', function (status, text) { self.send('out', [status, text]); });`;
  const [now, later, refused] = (await outputs(code, 3, { others: { 'data/lamp.txt': 'ön' } })) as [string[], unknown, [string, unknown]];
  assert.equal(now.slice(0, 3), ['ön', 'ön', { resource: Buffer.from('ön').toString('base64'), uri: '/data/lamp.txt' }]);
  assert.match(now[3] as string, 'only $KEYSTORE is supported with a URI alone');
  assert.match(now[4] as string, /^EACCES: The swarmlet carries no file \/etc\/passwd\. .*capability "files"/);
  assert.match(now[5] as string, /^EACCES: /);
  assert.match(now[6] as string, '--secret');
  assert.equal(later, [null, 'ön']);
  assert.match(refused[0], 'The swarmlet carries no file /etc/passwd');
  assert.is(refused[1], null);
});

it('reads the own folder where that was granted, and tells no path of the box', async () => {
  const code = `${told}
    require('fs').writeFileSync('state.txt', 'on');
    self.send('out', [getResource('state.txt', ''), getResource('main.js', '').length > 10,
      told(function () { return getResource('absent.txt', ''); }),
      told(function () { return require('fs').readFileSync('absent.txt'); })]);`;
  const [[text, own, absent, byModule]] = (await outputs(code, 1, { modules: ['fs'], reach: { ...nowhere, files: true } })) as [unknown[]];
  assert.is(text, 'on');
  assert.is(own, true);
  assert.is(absent, 'ENOENT: absent.txt is neither carried by the swarmlet nor in its own folder');
  assert.is(byModule, "ENOENT: ENOENT: no such file or directory, read 'absent.txt'");
});

it('reads URLs where http-client was granted, as far as it reaches', async () => {
  const server = createServer(({ url }, response) => {
    if (url === '/lamp') response.end(Buffer.from('ön', 'latin1'));
    else if (url === '/moved') response.writeHead(302, { location: '/lamp' }).end();
    else if (url === '/round') response.writeHead(302, { location: '/round' }).end();
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const asking = (path: string, options: string): string => `
    getResource('http://127.0.0.1:${port}${path}', ${options}, function (status, text) { self.send('out', [status, text]); });`;
  const granted = { modules: ['http-client'], reach: { ...nowhere, connect: [{ host: '127.0.0.1', port }] } };
  const one = async (code: string, more?: Parameters<typeof image>[1]): Promise<unknown> => (await outputs(code, 1, more))[0];
  assert.equal(await one(asking('/lamp', "{ encoding: 'latin1' }"), granted), [null, 'ön']);
  assert.equal(await one(asking('/moved', "'latin1'"), granted), [null, 'ön']);
  assert.match(String(await one(asking('/round', "''"), granted)), /302 Found/);
  assert.match(String(await one(asking('/absent', "''"), granted)), /404 Not Found/);
  const elsewhere = { ...granted, reach: { ...nowhere, connect: [{ host: '127.0.0.1', port: port + 1 }] } };
  assert.match(String(await one(asking('/lamp', "''"), elsewhere)), `net:connect:127.0.0.1:${port}`);
  assert.match(String(await one(asking('/lamp', "''"))), 'capability "http-client"');
  assert.match(
    String(await one(`${told} self.send('out', told(function () { return getResource('http://127.0.0.1/', ''); }));`)),
    'synchronously',
  );
});

it('serves the accessor GetResource, also inside a composite', async () => {
  const code = `
exports.setup = function () {
  this.output('out');
  var get = this.instantiate('get', 'utilities/GetResource');
  get.setDefault('resource', 'lamp.txt');
  this.connect(get, 'output', 'out');
};
exports.initialize = function () { this.containedAccessors[0].provideInput('trigger', true); };`;
  const others = { 'lamp.txt': 'on', 'utilities/GetResource.js': libraryText('utilities/GetResource') };
  const { isolate, watcher } = await run(tier, image(code, { others }));
  opened.push(() => isolate.kill('exit', 'the test is over'));
  await watcher.until(() => watcher.outputs.length === 1);
  assert.equal(watcher.values('out'), ['on']);
});

it.run();
