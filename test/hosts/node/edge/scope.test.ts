import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../../hosts/common/index.ts';
import { library } from '../../../support/library.ts';
import { bounded, type Live, live, Outputs } from '../../../support/live.ts';

const it = suite('edge');
let host: Live;
let server: Server;
let port = 0;
let taken: Socket[] = [];

it.before.each(async () => {
  host = live();
  taken = [];
  server = createServer((socket) => taken.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
it.after.each(() => {
  host.end();
  server.close();
});

function closed(socket: Socket): Promise<unknown> {
  return socket.closed ? Promise.resolve() : once(socket.resume(), 'close');
}

/** An accessor that opens things and never closes them. */
function careless(body: string): { accessor: AccessorApi; outputs: Outputs } {
  const code = `exports.setup = function () { this.output('ready'); this.output('late'); }; exports.initialize = function () { ${body} };`;
  const accessor = host.node.host.instantiateFromCode('careless', code);
  const outputs = new Outputs(accessor);
  accessor.initialize();
  return { accessor, outputs };
}

it('gives back what a swarmlet had opened when it could not be initialized', async () => {
  const open = `
    const { SocketClient } = require('@accessors-modules/socket');
    const client = new SocketClient(${port}, 'localhost', {});
    client.on('open', () => this.send('ready', 'open'));
    client.open();`;
  assert.throws(() => careless(`${open} throw new Error('no lamp');`), /no lamp/);
  const { accessor, outputs } = careless(open); // does the same after it
  await outputs.value('ready');
  accessor.wrapup();
  await bounded(Promise.all(taken.map(closed)), 'the end of the connections');
});

it('gives back a listener, its connections and a client at wrapup', async () => {
  const { accessor, outputs } = careless(`
    const { SocketServer, SocketClient } = require('@accessors-modules/socket');
    const server = new SocketServer({ port: 0, hostInterface: 'localhost' });
    server.on('listening', (port) => this.send('ready', port));
    server.on('connection', (socket) => { this.send('ready', 'connected'); socket.on('close', () => this.send('late', 1)); });
    server.start();
    const client = new SocketClient(${port}, 'localhost', {});
    client.on('open', () => this.send('ready', 'open'));
    client.on('close', () => this.send('late', 2));
    client.open();
  `);
  await outputs.values('ready', 2);
  const visitor = connect(Number(outputs.of('ready').find((value) => typeof value === 'number')), '127.0.0.1');
  await outputs.values('ready', 3);
  const ended = [closed(visitor), closed(taken[0] as Socket)];
  accessor.wrapup();
  await bounded(Promise.all(ended), 'the end of the connections');
  assert.equal(outputs.of('late'), []);
});

it('ends what does not end by itself, as a request that is never answered', async () => {
  const { accessor } = careless(`
    require('@accessors-modules/http-client').get('http://localhost:${port}', (message) => this.send('late', message));
    require('@accessors-modules/mqtt').createClient(${port}, 'localhost').start();
  `);
  while (taken.length < 2) await bounded(once(server, 'connection'), 'a connection');
  const ended = taken.map(closed);
  accessor.wrapup();
  await bounded(Promise.all(ended), 'the end of the connections');
});

it('a contained accessor that is wrapped up, and another swarmlet, leave what is open as it is', async () => {
  const { outputs } = careless(`
    const { SocketClient } = require('@accessors-modules/socket');
    const client = new SocketClient(${port}, 'localhost', {});
    client.on('open', () => this.send('ready', 1));
    client.on('data', (data) => this.send('ready', data));
    client.open();
    const inner = this.instantiateFromCode('inner', 'exports.setup = function () {};');
    inner.initialize();
    inner.wrapup();
  `);
  const other = careless('');
  await outputs.value('ready');
  other.accessor.wrapup();
  taken[0]?.write('still there');
  assert.is(await outputs.value('ready', 2), 'still there');
});

it('what is opened after a wrapup, when the swarmlet is initialized again, is given back again', async () => {
  const { accessor, outputs } = careless(`
    const { SocketClient } = require('@accessors-modules/socket');
    const client = new SocketClient(${port}, 'localhost', {});
    client.on('open', () => this.send('ready', 1));
    client.open();
  `);
  await outputs.value('ready');
  accessor.wrapup();
  const again = new Outputs(accessor);
  accessor.initialize();
  await again.value('ready');
  const ended = taken.map(closed);
  accessor.wrapup();
  await bounded(Promise.all(ended), 'the end of the connections');
});

it('slows a peer down that sends faster than the swarmlet reacts', async () => {
  const code = `
    exports.setup = function () { this.input('in'); this.output('ready'); };
    exports.initialize = function () {
      const { SocketClient } = require('@accessors-modules/socket');
      const client = new SocketClient(${port}, 'localhost', { receiveType: 'image' });
      let waiting = 0, most = 0;
      client.on('open', () => this.send('ready', 'open'));
      client.on('data', (data) => { waiting += data.length; most = Math.max(most, waiting); this.send('in', data); });
      this.addInputHandler('in', () => {
        const end = performance.now() + 2;
        while (performance.now() < end);
        waiting -= this.get('in').length;
        if (this.get('in').includes(1)) this.send('ready', most);
      });
      client.open();
    };`;
  const accessor = host.node.host.instantiateFromCode('slow', code);
  const outputs = new Outputs(accessor);
  accessor.initialize();
  await outputs.value('ready');
  taken[0]?.write(Buffer.alloc(10 * 2 ** 20));
  taken[0]?.write(Buffer.from([1]));
  const most = Number(await outputs.value('ready', 2));
  assert.ok(most <= 2 ** 18, `${most} bytes waited for a reaction at a time`);
});

it('tells the clock of a connection that is being made, until it is there or refused', async () => {
  const { clock, node } = library();
  const accessor = node.host.instantiateFromCode(
    'simulated',
    `exports.setup = function () { this.output('ready'); };
     exports.initialize = function () {
       const { SocketClient } = require('@accessors-modules/socket');
       const client = new SocketClient(${port}, 'localhost', {});
       client.on('open', () => this.send('ready', 'open'));
       client.open();
     };`,
  );
  const outputs = new Outputs(accessor);
  accessor.stopAt(1);
  accessor.initialize();
  await clock.run();
  assert.equal(outputs.of('ready'), ['open']);
});

it.run();
