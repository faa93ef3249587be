import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProcessLevel, ProcessTier, SwarmletImage } from '../../../../hosts/node/isolate/index.ts';
import {
  bundleRuntime,
  failure,
  image,
  initialize,
  levelsHere,
  limits,
  openTier,
  type Run,
  run,
  Watcher,
} from '../../../support/isolate.ts';
import { bounded } from '../../../support/live.ts';

/** Modules inside isolates, over the edge, at each level of this system. */
const runtime = bundleRuntime();
const local = (port: number | '*') => ({ host: '127.0.0.1', port });
const nowhere = { connect: [], listen: [], programs: [], serial: false, interfaces: false, files: false };

for (const level of await levelsHere(runtime)) {
  const it = suite(`the edge of isolates at ${level}`);
  let tier: ProcessTier;
  const opened: (() => unknown)[] = [];

  it.before(async () => {
    tier = await openTier(runtime, level as ProcessLevel);
  });
  it.after.each(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });
  it.after(() => tier.close());

  async function started(code: string, modules: readonly string[], reach: Partial<typeof nowhere> | object): Promise<Run> {
    const made = await run(tier, image(initialize(code), { modules, reach: { ...nowhere, ...reach } }));
    opened.push(() => made.isolate.kill('exit', 'the test is over'));
    return made;
  }

  async function listening(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it('gives HTTP to one that was granted the place, and to nobody else', async () => {
    const port = await listening(createHttpServer((request, response) => response.end(`at ${request.url}`)));
    const code = `
      require('@accessors-modules/http-client').get({ url: 'http://127.0.0.1:${port}/a' }, function (m) { self.send('out', m.body); });`;
    const allowed = await started(code, ['http-client'], { connect: [local(port)] });
    await allowed.watcher.until(() => allowed.watcher.outputs.length === 1);
    assert.equal(allowed.watcher.values('out'), ['at /a']);
    const asking = `
      var client = require('http-client');
      var request = client.request({ url: 'http://127.0.0.1:${port}/a' }, function () { self.send('out', 'came'); });
      request.on('error', function (error) { self.send('out', error.message); });
      request.end();`;
    const elsewhere = await started(asking, ['http-client'], { connect: [local(port + 1)] });
    await elsewhere.watcher.until(() => elsewhere.watcher.outputs.length === 1);
    assert.match(String(elsewhere.watcher.values('out')[0]), `net:connect:127.0.0.1:${port}`);
  });

  it('lets one that waits for the word reach nothing before it has that', async () => {
    const asked: (string | undefined)[] = [];
    const port = await listening(
      createHttpServer((request, response) => {
        asked.push(request.url);
        response.end('here');
      }),
    );
    const name = `word-${level}`;
    const what = (code: string): SwarmletImage =>
      image(initialize(code), { name, modules: ['fs', 'http-client'], reach: { ...nowhere, files: true, connect: [local(port)] } });
    const code = `
      require('http-client').get({ url: 'http://127.0.0.1:${port}/a' }, function (m) { self.send('out', m.body); });
      setTimeout(function () { require('fs').writeFileSync('found', 'it'); self.send('out', 'written'); }, 1);`;
    const early = await tier.claim(limits());
    opened.push(() => early.kill('exit', 'the test is over'));
    const watcher = new Watcher(early);
    const begun = early.start(what(code), limits(), true);
    const unwanted = await tier.claim(limits());
    const never = failure(unwanted.start(what("require('fs').writeFileSync('never', 'it');"), limits(), true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const found = await run(tier, what("self.send('out', require('fs').readdirSync('/'));"));
    opened.push(() => found.isolate.kill('exit', 'the test is over'));
    await found.watcher.until(() => found.watcher.outputs.length === 1);
    assert.equal([asked, found.watcher.values('out')], [[], [[]]]);
    await unwanted.wrapup();
    await never;
    early.go();
    await begun;
    await watcher.until(() => watcher.outputs.length === 2);
    assert.equal([asked, watcher.values('out').sort()], [['/a'], ['here', 'written']]);
    const after = await run(tier, what("self.send('out', require('fs').readdirSync('/'));"));
    opened.push(() => after.isolate.kill('exit', 'the test is over'));
    await after.watcher.until(() => after.watcher.outputs.length === 1);
    assert.equal(after.watcher.values('out'), [['found']]);
  });

  it('gives a TCP server, and everything back when the isolate is killed', async () => {
    const code = `
      var Server = require('socket').SocketServer;
      var server = new Server({ port: 0, hostInterface: '127.0.0.1' });
      server.on('listening', function (port) { self.send('out', port); });
      server.on('connection', function (s) { s.on('data', function (d) { s.send(d + ' back'); }); });
      server.start();`;
    const { isolate, watcher } = await started(code, ['socket'], { listen: ['*'] });
    await watcher.until(() => watcher.outputs.length === 1);
    const port = watcher.values('out')[0] as number;
    const client = connect(port, '127.0.0.1');
    opened.push(() => client.destroy());
    client.write('hello');
    const [data] = await bounded(once(client, 'data'), 'an answer');
    assert.is(String(data), 'hello back');
    const closed = once(client, 'close');
    await isolate.kill('exit', 'enough');
    await bounded(closed, 'the end of the connection');
    const again = createServer();
    again.listen(port, '127.0.0.1');
    await bounded(once(again, 'listening'), 'the port');
    again.close();
  });

  it('tells the end of a program that writes nothing and whose input has ended, every time', async () => {
    const code = `
      var devices = new (require('discovery').DiscoveryService)();
      var left = 40;
      var again = function () {
        if (left-- === 0) self.send('out', 'all');
        else devices.discoverMacAddress('127.0.0.1', again);
      };
      again();`;
    const { watcher } = await started(code, ['discovery'], { programs: ['ip neigh show *'] });
    await watcher.until(() => watcher.outputs.length === 1, 20_000);
  });

  it('counts the memory of its programs as its own', async () => {
    const hog = 'ulimit -v 800000; a=x; while :; do a="$a$a"; done'; // a shell doubles a text, within bounds if nobody else stops it
    const code = `
      var shell = new (require('shell').Shell)({ cmd: ['sh', '-c', 'sh -c \\'${hog}\\' & wait; sleep 60'] });
      shell.start();`;
    const { watcher } = await started(code, ['shell'], { programs: ['*'] });
    const end = await watcher.ended();
    assert.is(end.kind === 'failed' && end.reason, 'memory');
    assert.match(String(end.kind === 'failed' && end.message), /in programs that it runs; allowed are \d+ MiB/);
  });

  it('runs the programs of a module with its arguments only', async () => {
    const asked = [
      ['echo', 'on', 'a/b'],
      ['echo', 'on', '-n'],
      ['echo', 'on', '../b'],
      ['echo', 'off', 'a'],
      ['echo', 'on'],
      ['sh', '-c', 'id'],
    ];
    const codes = new Map([['own', 'exports.create = function (edge) { return edge; };']]);
    const code = `
      ${JSON.stringify(asked)}.forEach(function (words) {
        var program = require('own').spawn({ command: words[0], args: words.slice(1) });
        program.stdout.resume();
        program.stderr.resume();
        program.on('error', function (error) { self.send('out', error.code); });
        program.on('close', function (code) { self.send('out', code); });
      });`;
    const reach = { ...nowhere, programs: ['echo on *'] };
    const { isolate, watcher } = await run(tier, image(initialize(code), { modules: ['own'], codes, reach }));
    opened.push(() => isolate.kill('exit', 'the test is over'));
    await watcher.until(() => watcher.outputs.length === asked.length);
    assert.equal(watcher.values('out').map(String).sort(), ['0', ...Array(5).fill('EACCES')]);
  });

  it('tells the swarmlet of a program that the system refuses at once, and lives on', async () => {
    const codes = new Map([['own', 'exports.create = function (edge) { return edge; };']]);
    const code = `
      var program = require('own').spawn({ command: 'true', args: ['é'.repeat(100000)] });
      program.stdout.resume();
      program.stderr.resume();
      program.on('error', function (error) { self.send('out', error.code); });`;
    const { isolate, watcher } = await run(
      tier,
      image(initialize(code), { modules: ['own'], codes, reach: { ...nowhere, programs: ['*'] } }),
    );
    opened.push(() => isolate.kill('exit', 'the test is over'));
    await watcher.until(() => watcher.outputs.length === 1);
    assert.equal(watcher.values('out'), ['E2BIG']);
  });

  it('ends one swarmlet, and nothing else, when the host itself fails at what it sent', async () => {
    const code = initialize("setTimeout(function () { self.send('out', 1); }, 50);");
    const { isolate, watcher } = await run(tier, image(code));
    opened.push(() => isolate.kill('exit', 'the test is over'));
    const warned = new Promise((resolve) => process.once('warning', resolve));
    isolate.on('output', () => {
      throw new Error('a defect');
    });
    const end = await watcher.ended();
    assert.is(end.kind === 'failed' && end.reason, 'exception');
    assert.match(String(await warned), 'a defect');
  });

  it('gives all that a program wrote to who reads it late', async () => {
    const bytes = 100_000;
    const code = `
      var shell = new (require('shell').Shell)({ cmd: 'head -c ${bytes} /dev/zero' });
      var got = 0;
      shell.on('message', function (text) { var end = Date.now() + 20; while (Date.now() < end); got += text.length; });
      shell.on('exit', function () { self.send('out', got); });
      shell.start();`;
    const { watcher } = await started(code, ['shell'], { programs: ['*'] });
    await watcher.until(() => watcher.outputs.length === 1, 20_000);
    assert.equal(watcher.values('out'), [bytes]);
  });

  it('gives a folder of its own, and no more of it than its limit', async () => {
    const name = `own-${level}`;
    const code = `
      var fs = require('fs');
      var refused = function (act) { try { act(); return 'done'; } catch (error) { return error.code; } };
      fs.mkdirSync('a');
      fs.writeFileSync('a/b.txt', 'grün');
      fs.appendFileSync('/a/b.txt', ' und rot');
      fs.writeFileSync('large', Buffer.alloc(1.5 * 1024 * 1024, 7));
      self.send('out', [
        fs.readFileSync('a/b.txt', 'utf8'), fs.readdirSync('/'), fs.readFileSync('large').length, fs.statSync('a').isDirectory(),
        refused(function () { fs.writeFileSync('more', Buffer.alloc(1024 * 1024)); }),
        refused(function () { fs.readFileSync('../secret'); }),
        refused(function () { fs.readFileSync('/etc/passwd'); }),
        refused(function () { for (var i = 0; i < 300; i++) fs.writeFileSync('small' + i, ''); }),
      ]);
      fs.promises.readFile('a/b.txt', 'utf8').then(function (text) { self.send('out', text); });`;
    const isolate = await tier.claim(limits({ storageMiB: 2, initializeMs: 60_000 }));
    const watcher = new Watcher(isolate);
    opened.push(() => isolate.kill('exit', 'the test is over'));
    await isolate.start(
      image(initialize(code), { name, modules: ['fs'], reach: { ...nowhere, files: true } }),
      limits({ storageMiB: 2, initializeMs: 60_000 }),
    );
    await watcher.until(() => watcher.outputs.length === 2);
    assert.equal(watcher.values('out'), [
      ['grün und rot', ['a', 'large'], 1.5 * 1024 * 1024, true, 'ENOSPC', 'EACCES', 'ENOENT', 'ENOSPC'],
      'grün und rot',
    ]);
  });

  it('keeps a local storage for the next version', async () => {
    const opening = `
      var storage = require('@accessors-modules/local-storage');
      storage.initSync();`;
    const more = { name: `storage-${level}`, modules: ['local-storage'], reach: { ...nowhere, files: true } };
    const first = await run(tier, image(initialize(`${opening} storage.setItem('lamp', 'on'); self.send('out', 1);`), more));
    await first.watcher.until(() => first.watcher.outputs.length === 1);
    await first.isolate.wrapup();
    const next = await run(tier, image(initialize(`${opening} self.send('out', storage.getItem('lamp'));`), more));
    opened.push(() => next.isolate.kill('exit', 'the test is over'));
    await next.watcher.until(() => next.watcher.outputs.length === 1);
    assert.equal(next.watcher.values('out'), ['on']);
  });

  it('refuses files to who was not granted any, whatever it writes to the descriptors', async () => {
    const code = `
      try { require('local-storage').initSync(); } catch (error) { self.send('out', error.message); }`;
    const { watcher } = await started(code, ['local-storage'], {});
    await watcher.until(() => watcher.outputs.length === 1);
    assert.match(String(watcher.values('out')[0]), 'no folder of its own');
  });

  it.run();
}
