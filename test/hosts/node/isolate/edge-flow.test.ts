import { createSocket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProcessTier } from '../../../../hosts/node/isolate/index.ts';
import { bundleRuntime, image, initialize, limits, openTier, type Run, Watcher } from '../../../support/isolate.ts';
import { bounded, needing, start } from '../../../support/live.ts';
import { programsWith } from '../../../support/programs.ts';

/** What the edge carries between the outside and swarmlets in processes of their own: how much, for whom, and for how long. */
const it = suite('the flow of the edge');
const MiB = 2 ** 20;
/** What the system itself keeps of a connection, both ends together, whatever we do. */
const KERNEL = 12 * MiB;
const nowhere = { connect: [], listen: [], programs: [], serial: false, interfaces: false, files: false };
const anywhere = { ...nowhere, connect: [{ host: '*', port: '*' as const }] };
const ends: (() => unknown)[] = [];
let tier: ProcessTier;

it.before(async () => {
  tier = await openTier(bundleRuntime());
});
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
it.after(() => tier.close());

async function started(code: string, more: Parameters<typeof image>[1] = {}, within = {}): Promise<Run> {
  const all = { modules: ['socket'], reach: anywhere, ...more };
  const isolate = await tier.claim(limits(within));
  const watcher = new Watcher(isolate);
  ends.push(() => isolate.kill('exit', 'the test is over'));
  await isolate.start(image(initialize(code), all), limits(within));
  return { isolate, watcher };
}

/** A server of the test; `taken` gets each connection. */
async function server(taken: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const listener = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    taken(socket);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  ends.push(() => {
    for (const socket of open) socket.destroy();
    listener.close();
  });
  return (listener.address() as AddressInfo).port;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen`);
    await turn();
  }
}

/** Bytes that this process holds outside of the heap. */
const held = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().arrayBuffers;
};

/** Holds once what is garbage is gone. */
const holdsAtMost = (bytes: () => number, before: number): Promise<void> =>
  until(() => held() - before <= bytes(), `that the box holds no more than ${bytes()} bytes of it`);

/** Opens a connection, and tells when; `client` is it. */
const opening = (port: number, then: string, options = "{ receiveType: 'image', sendType: 'image' }"): string => `
  var client = new (require('socket').SocketClient)(${port}, '127.0.0.1', ${options});
  client.on('error', function (error) { self.send('out', 'error ' + error); });
  client.on('open', function () { ${then} });
  client.open();`;

it('stops the writes of a swarmlet whose peer reads nothing, and holds no more of them than a window', async () => {
  let peer: Socket | undefined;
  const port = await server((socket) => {
    peer = socket.pause();
  });
  const before = held();
  const { isolate, watcher } = await started(
    opening(port, "var piece = Buffer.alloc(65536, 1); for (var i = 0; i < 512; i++) client.send(piece); self.send('out', 'written');"),
    {},
    { memoryMiB: 256 },
  );
  await watcher.until(() => watcher.outputs.length === 1);
  assert.equal(watcher.values('out'), ['written']);
  let got = 0;
  await until(() => peer !== undefined, 'a connection');
  for (let i = 0; i < 500; i++) await turn();
  await holdsAtMost(() => 4 * MiB, before);
  assert.ok((isolate.usage().memoryMiB ?? 0) < 256);
  (peer as unknown as Socket)
    .on('data', (part) => {
      got += part.length;
    })
    .resume();
  await until(() => got === 32 * MiB, 'the arrival of all of it, once it is read');
});

it('stops reading a socket whose swarmlet is busy, and gives it all later', async () => {
  const total = 48 * MiB;
  let peer: Socket | undefined;
  const port = await server((socket) => {
    peer = socket;
    socket.write(Buffer.alloc(total));
  });
  const before = held();
  const code = opening(port, '').replace(
    "client.on('open'",
    `
    var got = 0, free = false;
    this.addInputHandler('in', function () { free = true; });
    client.on('data', function (data) {
      got += data.length;
      if (got === ${total}) self.send('out', got);
      if (!free) { var end = Date.now() + 50; while (Date.now() < end); }
    });
    client.on('open'`,
  );
  const { isolate, watcher } = await started(code);
  await until(() => (peer?.bytesWritten ?? 0) > 0, 'a connection');
  for (let i = 0; i < 2000; i++) await turn();
  const left = peer?.writableLength ?? 0;
  assert.ok(total - left <= KERNEL, `${total - left} bytes were taken from the peer`);
  await holdsAtMost(() => 4 * MiB + (peer?.writableLength ?? 0), before);
  await isolate.provideInput('in', 1);
  await watcher.until(() => watcher.outputs.length === 1, 20_000);
  assert.equal(watcher.values('out'), [total]);
});

it('reads from a peer that floods no faster than the rate of the swarmlet, which lives on', async () => {
  let peer: Socket | undefined;
  const chunk = Buffer.alloc(MiB);
  const port = await server((socket) => {
    peer = socket;
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
  });
  const from = Date.now();
  const code = opening(port, '').replace(
    "client.on('open'",
    "client.on('data', function () {}); this.addInputHandler('in', function () { self.send('out', 'there'); }); client.on('open'",
  );
  const { isolate, watcher } = await started(code, {}, { messagesPerSecond: 500 });
  await until(() => (peer?.bytesRead ?? -1) >= 0 && (peer?.bytesWritten ?? 0) > MiB, 'a connection');
  while (Date.now() - from < 1500) await turn();
  const seconds = (Date.now() - from) / 1000 + 1;
  const carried = (peer?.bytesWritten ?? 0) - (peer?.writableLength ?? 0);
  // One more for each 4 KiB: 500 are about 2 MiB a second, and as much at first.
  assert.ok(carried <= KERNEL + seconds * 500 * 4096, `${carried} bytes in ${seconds} s`);
  await isolate.provideInput('in', 1);
  await watcher.until(() => watcher.outputs.length === 1);
});

it('drops datagrams that a swarmlet cannot take, and keeps none of them', async () => {
  const code = `
    var socket = require('udp-socket').createSocket('udp4', function (m) { if (m === 'last') self.send('out', 'last'); });
    socket.bind(0, '127.0.0.1', function () {});
    socket.on('listening', function () {});
    this.addInputHandler('in', function () { var end = Date.now() + 300; while (Date.now() < end); });
    socket.on('listening', function (at) { self.send('out', at); });`;
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  const { isolate, watcher } = await started(code.replace('bind(0,', `bind(${port},`), {
    modules: ['udp-socket'],
    reach: { ...nowhere, listen: ['*' as const] },
  });
  const sender = createSocket('udp4');
  ends.push(() => sender.close());
  const before = held();
  void isolate.provideInput('in', 1).catch(() => {});
  const datagram = Buffer.alloc(8000, 97);
  for (let i = 0; i < 4000; i++) {
    sender.send(datagram, port, '127.0.0.1');
    if (i % 100 === 0) await turn();
  }
  await holdsAtMost(() => 8 * MiB, before);
  const last = setInterval(() => sender.send('last', port, '127.0.0.1'), 20);
  ends.push(() => clearInterval(last));
  await watcher.until(() => watcher.values('out').includes('last'));
});

it('lets who writes without end to a peer that reads nothing fill its own memory, and no other', async () => {
  const port = await server((socket) => socket.pause());
  const before = held();
  const code = opening(port, 'for (var i = 0; i < 400; i++) client.send(Buffer.alloc(262144));');
  const { watcher } = await started(code, {}, { memoryMiB: 64 });
  const end = await watcher.ended();
  assert.is(end.kind === 'failed' && end.reason, 'memory');
  await holdsAtMost(() => 8 * MiB, before);
});

const echo = (socket: Socket): void => void socket.on('data', (part) => socket.write(part));

it('lets a swarmlet go on while another one floods', async () => {
  const source = await server((socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65536)));
    };
    socket.on('drain', more);
    more();
  });
  const port = await server(echo);
  const flood = await started(
    opening(source, '').replace(
      "client.on('open'",
      `
    var got = 0; client.on('data', function (d) { got += d.length; if (got > 16777216) { got = 0; self.send('out', 16); } }); client.on('open'`,
    ),
  );
  await flood.watcher.until(() => flood.watcher.outputs.length > 0, 20_000);
  const other = await started(
    opening(port, "client.send('0');", "{ receiveType: 'string', sendType: 'string' }").replace(
      "client.on('open'",
      `
    var count = 0; client.on('data', function () { if (++count === 300) self.send('out', count); else client.send(String(count)); }); client.on('open'`,
    ),
  );
  const sofar = flood.watcher.outputs.length;
  await other.watcher.until(() => other.watcher.outputs.length === 1, 20_000);
  assert.equal(other.watcher.values('out'), [300]);
  const more = flood.watcher.outputs.length - sofar;
  assert.ok(more < 40, `${more * 16} MiB were carried for the one before the other had 300 answers`);
});

it('lets a stream of a swarmlet go on while others of its own are stuck or full', async () => {
  const stuck = await server((socket) => socket.pause());
  const silent = await server((socket) => void socket.write(Buffer.alloc(MiB)));
  const port = await server(echo);
  const plain = "{ receiveType: 'image', sendType: 'image' }";
  const before = held();
  const code = `
    var Client = require('socket').SocketClient;
    for (var i = 0; i < 10; i++) (function (one, other) {
      one.on('open', function () { for (var k = 0; k < 8; k++) one.send(Buffer.alloc(65536)); }); one.open();
      other.on('data', function () {}); other.open();
    })(new Client(${stuck}, '127.0.0.1', ${plain}), new Client(${silent}, '127.0.0.1', ${plain}));
    ${opening(port, "client.send('0');", "{ receiveType: 'string', sendType: 'string' }").replace(
      "client.on('open'",
      `
    var count = 0; client.on('data', function () { if (++count === 200) self.send('out', count); else client.send(String(count)); }); client.on('open'`,
    )}`;
  const { watcher } = await started(code, {}, { messagesPerSecond: 100_000 });
  await watcher.until(() => watcher.outputs.length === 1, 60_000);
  assert.equal(watcher.values('out'), [200]);
  // A window each way of 20 streams, and what this test itself has left to write.
  await holdsAtMost(() => 20 * 2 * 131_072 + 12 * MiB, before);
});

// ------------------------------------------------------------------------------------------------ names

/** What these names stand for from now on; the system is asked for others, such as addresses. */
function resolving(): Map<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  const real = dns.lookup;
  const fake = (host: string, options: { all?: boolean }, callback: (error: null, found: unknown, family?: number) => void): void => {
    const addresses = names.get(host);
    if (!addresses) real(host, options as dns.LookupAllOptions, callback as never);
    else if (options.all)
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    else callback(null, addresses[0], 4);
  };
  const realPromise = dns.promises.lookup;
  dns.lookup = fake as unknown as typeof real;
  dns.promises.lookup = (async (host: string) =>
    (names.get(host) ?? [host]).map((address) => ({ address, family: 4 }))) as unknown as typeof realPromise;
  syncBuiltinESMExports();
  ends.push(() => {
    dns.lookup = real;
    dns.promises.lookup = realPromise;
    syncBuiltinESMExports();
  });
  return names;
}

const outer = Object.values(networkInterfaces()).flatMap((all = []) =>
  all.filter(({ family, internal }) => family === 'IPv4' && !internal),
)[0]?.address;
needing(
  it,
  'an address that is not of loopback',
  outer,
)('judges each address that a name has at the moment of connecting', async () => {
  const listener = createServer((socket) => socket.end('hello').on('error', () => {})).listen(0, '0.0.0.0');
  await once(listener, 'listening');
  ends.push(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  const names = resolving();
  const code = `
    this.addInputHandler('in', function () {
      var client = new (require('socket').SocketClient)(${port}, 'rebind.lab', { reconnectAttempts: 0 });
      client.on('data', function (text) { self.send('out', text); });
      client.on('error', function (error) { self.send('out', String(error)); });
      client.open();
    });`;
  const { isolate, watcher } = await started(code, { reach: { ...nowhere, connect: [{ host: 'rebind.lab', port }] } });
  const cases: [string[], RegExp][] = [
    [[outer as string], /^hello$/],
    [['127.0.0.1'], /leads to this machine itself/],
    [['169.254.169.254'], /of this link only/],
    [['0.0.0.0'], /leads to this machine itself/],
    [['127.0.0.1', outer as string], /^hello$/],
    [[outer as string], /^hello$/],
  ];
  for (const [index, [found, said]] of cases.entries()) {
    names.set('rebind.lab', found);
    await isolate.provideInput('in', index);
    await watcher.until(() => watcher.outputs.length > index);
    assert.match(String(watcher.values('out')[index]), said);
  }
});

needing(
  it,
  'an address that is not of loopback',
  outer,
)('judges each address that a name has when a datagram is sent there', async () => {
  const receiver = createSocket('udp4').bind(0, '0.0.0.0');
  await once(receiver, 'listening');
  ends.push(() => receiver.close());
  const got: string[] = [];
  receiver.on('message', (text) => got.push(String(text)));
  const { port } = receiver.address();
  const names = resolving();
  const code = `
    var udp = require('udp-socket');
    this.addInputHandler('in', function () {
      var order = self.get('in');
      var socket = udp.createSocket('udp4'); // each has the names looked up anew
      socket.send(order.text, order.port, order.host, function (error) { self.send('out', error ? error.message : 'sent'); socket.close(); });
    });`;
  const { isolate, watcher } = await started(code, {
    modules: ['udp-socket'],
    reach: {
      ...nowhere,
      connect: [
        { host: 'rebind.lab', port },
        { host: 'other.lab', port: port - 1 },
      ],
    },
  });
  const cases: [found: string[], host: string, port: number, said: RegExp][] = [
    [[outer as string], 'rebind.lab', port, /^sent$/],
    [['127.0.0.1'], 'rebind.lab', port, /leads to this machine itself/],
    [['::ffff:127.0.0.1'], 'rebind.lab', port, /leads to this machine itself/],
    [['169.254.169.254', '127.0.0.1'], 'rebind.lab', port, /of this link only/],
    [['0.0.0.0'], 'rebind.lab', port, /leads to this machine itself/],
    [[outer as string], 'rebind.lab', port - 1, /may not connect to rebind.lab:/],
    [[outer as string], 'other.lab', port - 1, /^sent$/], // another name of that address
    [[outer as string], outer as string, port, /may not look up/],
    [['169.254.169.254', '127.0.0.1', outer as string], 'rebind.lab', port, /^sent$/], // as TCP does
  ];
  for (const [index, [found, host, to, said]] of cases.entries()) {
    names.set(host, found);
    await isolate.provideInput('in', { text: String(index), host, port: to });
    await watcher.until(() => watcher.outputs.length > index);
    assert.match(String(watcher.values('out')[index]), said, `case ${index}`);
  }
  await until(() => got.includes('8'), 'the last datagram');
  assert.equal(got, ['0', '8']);
});

it('knows an address by each of its names', async () => {
  const receivers = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4').bind(0, '127.0.0.1')];
  ends.push(() => receivers.forEach((receiver) => void receiver.close()));
  await Promise.all(receivers.map((receiver) => once(receiver, 'listening')));
  const got: string[] = [];
  for (const receiver of receivers) receiver.on('message', (text) => got.push(String(text)));
  const [a, b] = receivers.map((receiver) => receiver.address().port) as [number, number];
  const names = resolving();
  for (const name of ['a.localhost', 'b.localhost']) names.set(name, ['127.0.0.1']);
  const code = `
    var socket = require('udp-socket').createSocket('udp4');
    socket.on('error', function (error) { self.send('out', error); });
    this.addInputHandler('in', function () {
      socket.send('to a', ${a}, 'a.localhost'); socket.send('to b', ${b}, 'b.localhost'); socket.send('to a again', ${a}, 'a.localhost');
    });`;
  const reach = {
    ...nowhere,
    connect: [
      { host: 'a.localhost', port: a },
      { host: 'b.localhost', port: b },
      { host: 'localhost', port: a },
      { host: 'localhost', port: b },
    ],
  };
  const { isolate, watcher } = await started(code, { modules: ['udp-socket'], reach });
  await isolate.provideInput('in', 1);
  await until(() => got.length === 3 || watcher.outputs.length > 0, 'three datagrams');
  assert.equal(watcher.outputs, []);
  assert.equal(got.sort(), ['to a', 'to a again', 'to b']);
});

// ------------------------------------------------------------------------------------ what is given back

const descriptors = (): string[] => readdirSync('/proc/self/fd');

const endings: readonly [how: string, code: string, end: (run: Run) => unknown][] = [
  ['is killed', '', ({ isolate }) => isolate.kill('exit', 'enough')],
  ['wraps up', '', ({ isolate }) => isolate.wrapup()],
  ['wraps itself up', '', ({ isolate }) => isolate.provideInput('in', 'wrapup').catch(() => {})],
  ['exits', '', ({ isolate }) => isolate.provideInput('in', 'exit').catch(() => {})],
  ['throws where nobody catches it', '', ({ isolate }) => isolate.provideInput('in', 'throw').catch(() => {})],
  ['loops', '', ({ isolate }) => isolate.provideInput('in', 'loop').catch(() => {})],
  ['fills its memory', '', ({ isolate }) => isolate.provideInput('in', 'fill').catch(() => {})],
];

const obeying = `
  this.addInputHandler('in', function () {
    switch (self.get('in')) {
      case 'wrapup': return self.wrapup();
      case 'exit': return process.exit(3);
      case 'throw': return void Promise.reject(new Error('nobody'));
      case 'loop': for (;;);
      case 'fill': var all = []; for (;;) all.push(new Array(100000).fill(1.5));
    }
  });`;

for (const [index, [how, , end]] of endings.entries()) {
  needing(
    it,
    'procfs',
    process.platform === 'linux',
  )(`gives back sockets, ports and programs of one that ${how}`, async () => {
    const closed: Promise<unknown>[] = [];
    const port = await server((socket) => void closed.push(once(socket.resume(), 'close')));
    const marker = `${70_000 + process.pid}.${index}`;
    const before = descriptors().length;
    const code = `
      var Socket = require('socket'), udp = require('udp-socket'), Shell = require('shell').Shell;
      ${obeying}
      var left = 4, one = function () { if (--left === 0) self.send('out', [tcp, program]); }, tcp, program;
      var server = new Socket.SocketServer({ port: 0, hostInterface: '127.0.0.1' });
      server.on('listening', function (at) { tcp = at; one(); }); server.start();
      var mail = udp.createSocket('udp4'); mail.bind(0, '127.0.0.1', one);
      var client = new Socket.SocketClient(${port}, '127.0.0.1', {}); client.on('open', one); client.open();
      var shell = new Shell({ cmd: ['sh', '-c', 'trap "" TERM HUP; sleep ${marker} & echo on; sleep ${marker}'] });
      shell.on('message', function () { program = true; one(); }); shell.start();`;
    const reach = { ...anywhere, listen: ['*' as const], programs: ['*'] };
    const made = await started(code, { modules: ['socket', 'udp-socket', 'shell'], reach }, { memoryMiB: 64, reactionMs: 300 });
    await made.watcher.until(() => made.watcher.outputs.length === 1, 20_000);
    const [[listens]] = made.watcher.values('out') as [[number]];
    await until(() => programsWith(marker) >= 1, 'the start of its programs'); // the shell speaks before its child is one
    await end(made);
    await made.watcher.ended();
    await bounded(Promise.all(closed), 'the end of its connections');
    await until(() => programsWith(marker) === 0, 'the end of its programs');
    const visitor = connect(listens, '127.0.0.1');
    const [error] = await bounded(once(visitor, 'error'), 'a refusal');
    assert.is((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
    await until(() => descriptors().length <= before, `${before} descriptors, not ${descriptors().length}`);
  });
}

/** A line of two ends that look like serial ports; both are held open here, or it would end with the first who leaves. */
async function serialLine(): Promise<{ readonly near: string; readonly far: FileHandle; close(): Promise<void> } | undefined> {
  const socat = await start('socat', ['-d', '-d', 'pty,raw,echo=0,ignoreeof', 'pty,raw,echo=0,ignoreeof']);
  if (!socat) return undefined;
  const [, near = '', other = ''] = await socat.wrote(/PTY is (\S+)[\s\S]*PTY is (\S+)[\s\S]*starting data transfer loop/);
  const far = await open(other, 'r+');
  return {
    near,
    far,
    close: async () => {
      await far.close();
      await socat.stop();
    },
  };
}
const line = await serialLine();
it.after(() => line?.close());

/** Whether this process has a file open. */
const holds = (path: string): boolean =>
  descriptors().some((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      return false; // it was closed meanwhile
    }
  });

for (const [how, , end] of endings) {
  needing(
    it,
    'socat',
    line,
  )(`gives back the serial line of one that ${how}`, async () => {
    const { near, far } = line as NonNullable<typeof line>;
    const before = descriptors().length;
    const code = `
      ${obeying}
      var line = new (require('serial').SerialPort)('${near}', self, 1000, { baudRate: 9600 }), text = '';
      line.on('data', function (part) { text += part; if (/!$/.test(text)) { self.send('out', text); text = ''; } });
      line.on('error', function (error) { self.send('out', 'error ' + error); });
      line.open(function () { self.send('out', 'open'); });`;
    const open = async (): Promise<Run> => {
      const made = await started(code, { modules: ['serial'], reach: { ...nowhere, serial: true } }, { memoryMiB: 64, reactionMs: 300 });
      await made.watcher.until(() => made.watcher.outputs.length === 1, 20_000);
      assert.equal(made.watcher.values('out'), ['open']);
      return made;
    };
    const first = await open();
    assert.ok(holds(near));
    await end(first);
    await first.watcher.ended();
    await until(() => !holds(near), 'the closing of the line');
    await until(() => descriptors().length <= before, `${before} descriptors, not ${descriptors().length}`);
    const { watcher } = await open();
    await far.write('again!');
    await watcher.until(() => watcher.outputs.length === 2);
    assert.is(watcher.values('out')[1], 'again!');
  });
}

it.run();
