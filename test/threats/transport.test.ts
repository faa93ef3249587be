import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, connect as connectTo, createServer as createRelay, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AttackedBox, alice, commonFields, deployOf, polled, QUIET, sealed, stranger, type Wire } from '../support/attacked-box.ts';
import { hasOpenSsh, sshKey } from '../support/keys.ts';
import { needing } from '../support/live.ts';
import { RawClient, upgradeRequest } from '../support/socket-client.ts';

const it = suite('threats: transport and strangers');
let box: AttackedBox;
it.before(async () => {
  box = await AttackedBox.open();
});
it.after(() => box.close());

let sequence = 0;
const next = (name = 't-lamp', code = QUIET): object => sealed(deployOf(name, ++sequence, code), alice);
const undeploy = (name = 't-lamp'): object =>
  sealed({ action: 'undeploy', swarmlet: name, sequence: ++sequence, ...commonFields() }, alice);
const socketOf = (wire: Wire): Socket => (wire.ws as unknown as { _socket: Socket })._socket;
/** A masked frame. */
const frame = (first: number, body: Buffer): Buffer => {
  const length = body.length < 126 ? [0x80 | body.length] : body.length < 65536 ? [0xfe, body.length >> 8, body.length & 255] : undefined;
  if (!length) throw new Error('too long');
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), body]);
};

it('W01: five hundred half requests keep nobody else out, and are sent away', async () => {
  const half = Array.from({ length: 500 }, () => new RawClient(box.port, upgradeRequest().slice(0, 60)));
  const wire = await box.wire(alice);
  assert.is(await wire.deploys(next()), 'done');
  assert.is(await wire.outcome('undeploy', { envelope: undeploy() }), 'done');
  await Promise.all(half.map(({ closed }) => closed));
  await box.holds();
});

it('W02: who says nothing is sent away', async () => {
  const clients = Array.from({ length: 5 }, () => box.client());
  for (const client of clients) assert.is((await client.closed).code, 4401);
  await box.holds();
});

it('W03: a frame of any size is refused by its length', async () => {
  for (const length of ['7fffffffffffffff', '0000000000010001', 'ffffffffffffffff']) {
    const client = box.client();
    await client.opened();
    socketOf(client).write(Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.from(length, 'hex'), Buffer.alloc(4)]));
    const { code } = await client.closed;
    // One that might still fit into what a stranger may say waits for its bytes, as long as a stranger may wait.
    assert.ok([1002, 1006, 1009, 4401].includes(code), `${length}: ${code}`);
  }
  await box.holds();
});

it('W04: fragments count together, and empty ones too', async () => {
  const wire = await box.wire(alice);
  const piece = frame(0x00, Buffer.alloc(65_000, 0x20));
  const socket = socketOf(wire);
  socket.write(frame(0x01, Buffer.alloc(100, 0x20)));
  for (let i = 0; i < 70; i++) socket.write(piece);
  assert.is((await wire.closed).code, 1009);
  const other = await box.wire(alice);
  const empty = Buffer.concat(Array.from({ length: 1000 }, () => frame(0x00, Buffer.alloc(0))));
  socketOf(other).write(frame(0x01, Buffer.alloc(0)));
  for (let i = 0; i < 1000 && !socketOf(other).destroyed; i++) {
    if (!socketOf(other).write(empty)) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok([1006, 1008, 1009].includes((await other.closed).code));
  await box.holds();
});

it('W05: compression is not spoken', async () => {
  const raw = new RawClient(box.port, upgradeRequest('/v1', ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits']));
  await polled(
    async () => raw.received,
    (text) => text.includes('\r\n\r\n'),
    'the upgrade',
  );
  assert.match(raw.received, '101 Switching');
  assert.not.match(raw.received.toLowerCase(), 'sec-websocket-extensions');
  raw.socket.destroy();
  await box.holds();
});

it('W06: a flood of pings whose answers nobody reads fills nothing', async () => {
  const wire = await box.wire(alice);
  const socket = socketOf(wire);
  socket.pause();
  const pings = Buffer.concat(Array.from({ length: 500 }, () => frame(0x89, Buffer.alloc(120))));
  for (let i = 0; i < 200 && !socket.destroyed && socket.writableLength < 2 ** 22; i++) {
    socket.write(pings);
    if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const good = await box.wire(alice);
  assert.is(await good.outcome('list', {}), 'done');
  wire.end();
  await box.holds();
});

const CHATTY = `exports.setup = function () { this.output('out'); };
exports.initialize = function () { var self = this; var text = new Array(1000).join('x');
  setInterval(function () { for (var i = 0; i < 100; i++) self.send('out', text); }, 5); };`;

it('W07: a reader that takes nothing is left out, and holds up nobody', async () => {
  const wire = await box.wire(alice);
  assert.is(await wire.deploys(next('t-chatty', CHATTY)), 'done');
  const slow = await box.wire(alice);
  assert.is(await slow.outcome('subscribe', { swarmlet: 't-chatty', outputs: true }), 'done');
  socketOf(slow).pause();
  const reader = await box.wire(alice);
  assert.is(await reader.outcome('subscribe', { swarmlet: 't-chatty', outputs: ['out'] }), 'done');
  await reader.notification('output');
  await polled(
    async () => reader.messages.length,
    (count) => count > 3000,
    'the other reader goes on',
  );
  slow.end();
  reader.end();
  assert.is(await wire.outcome('undeploy', { envelope: undeploy('t-chatty') }), 'done');
  await box.holds();
});

it('W08: what is no frame of the protocol closes the connection and throws nothing', async () => {
  const frames: [string, Buffer][] = [
    ['invalid UTF-8', frame(0x81, Buffer.from([0xff, 0xfe, 0xc0]))],
    ['a reserved bit', frame(0xc1, Buffer.from('{}'))],
    ['without mask', Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
    ['an unknown opcode', frame(0x83, Buffer.from('{}'))],
    ['a binary frame that nobody asked for', frame(0x82, Buffer.from('{}'))],
    ['a long ping', frame(0x89, Buffer.alloc(200))],
    ['a continuation of nothing', frame(0x80, Buffer.from('{}'))],
    ['a close with a wrong code', frame(0x88, Buffer.from([0, 1]))],
  ];
  for (const [what, bytes] of frames) {
    for (const open of [async () => box.client(), () => box.wire(alice)]) {
      const wire = await open();
      await wire.opened();
      socketOf(wire).write(bytes);
      const { code } = await wire.closed;
      assert.ok([1002, 1003, 1006, 1007, 4400].includes(code), `${what}: ${code}`);
    }
  }
  await box.holds();
});

it('W09: a flood of wrong signatures is refused by its rate, on its connection alone', async () => {
  const wire = await box.wire(alice);
  const wrong = sealed(deployOf('t-lamp', 1, QUIET), stranger) as { signatures: { keyid: string }[] };
  const envelope = { ...wrong, signatures: [{ ...wrong.signatures[0], keyid: alice.publicKey.id }] };
  const codes = Promise.all(Array.from({ length: 400 }, () => wire.deploys(envelope)));
  const other = await box.wire(alice);
  assert.is(await other.deploys(next()), 'done');
  const all = await codes;
  const refused = all.filter((code) => code === 'BAD_SIGNATURE');
  assert.ok(all.every((code) => code === 'BAD_SIGNATURE' || code === 'RATE_LIMITED'));
  assert.ok(refused.length < 400 && all.length === 400);
  assert.is(await other.outcome('undeploy', { envelope: undeploy() }), 'done');
  await box.holds(refused);
});

it('W10: a stranger may say sixty-four kibibytes', async () => {
  const client = box.client();
  await client.notification('hello');
  client.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'authenticate', params: { envelope: 'x'.repeat(2 ** 20) } }));
  assert.is((await client.closed).code, 1009);
  await box.holds();
});

const withSsh = needing(it, 'OpenSSH', hasOpenSsh);
withSsh('W11: who taps the line reads no secret, and who changes a byte of it is refused', async () => {
  const key = sshKey(box.folder, 'id_tapped');
  appendFileSync(`${box.folder}/trusted_keys`, `alice@lab ${readFileSync(`${key}.pub`, 'utf8')}`);
  await polled(
    () => box.command(['ps', '--to', box.url, '--identity', key]),
    ({ code }) => code === 0,
    'the box knows the key',
  );
  box.changed();
  let seen = '';
  let change = (data: Buffer): Buffer => data;
  const sockets = new Set<Socket>();
  const relay = createRelay((client) => {
    const upstream = connectTo(box.port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from.on('error', () => {}));
      from.on('data', (data) => {
        seen += data.toString('latin1');
        to.write(from === client ? change(data) : data);
      });
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const url = `ws://127.0.0.1:${(relay.address() as AddressInfo).port}`;
  const code =
    "exports.setup = function () { this.parameter('key'); this.output('out'); };\n\
exports.initialize = function () { console.log('it is ' + this.getParameter('key')); this.send('out', this.getParameter('key').length); throw new Error(this.getParameter('key')); };";
  const file = box.file('Secretive.js', code);
  const push = (name: string) =>
    box.command(
      ['push', file, '--to', url, '--name', name, '--identity', key, '--box-id', box.id, '--secret', 'key=-'],
      {},
      '"SECRET-VALUE"',
    );
  const failed = await push('t-secret');
  assert.is(failed.code, 6, failed.stderr);
  for (const text of [seen, failed.stdout, failed.stderr, box.stderr]) assert.not.match(text, 'SECRET-VALUE');
  let calls = 0;
  change = (data) => {
    if (data.length < 1500 || ++calls > 1) return data; // the deployment is the long one
    const copy = Buffer.from(data);
    copy[700] = (copy[700] as number) ^ 1;
    return copy;
  };
  const changed = await push('t-changed');
  assert.is.not(changed.code, 0);
  for (const socket of sockets) socket.destroy();
  relay.close();
  assert.not((await box.running()).includes('t-changed'));
  for (const args of [
    ['ps', '--json'],
    ['status', 't-secret', '--json'],
    ['logs', 't-secret'],
    ['history', 't-secret', '--json'],
    ['audit', '--json'],
  ]) {
    const { stdout, stderr } = await box.command([...args, '--to', box.url, '--identity', key]);
    assert.not.match(stdout + stderr, 'SECRET-VALUE');
  }
  for (const name of readdirSync(`${box.folder}/state`, { recursive: true }) as string[]) {
    const path = `${box.folder}/state/${name}`;
    if (statSync(path).isFile()) assert.not(readFileSync(path).includes('SECRET-VALUE'), `${name} has it in clear`);
  }
  const lines = await box.audit();
  assert.not(JSON.stringify(lines).includes('SECRET-VALUE'));
  const refused = String(lines.findLast(({ event }) => event === 'refused')?.code);
  assert.ok(['BAD_SIGNATURE', 'MALFORMED'].includes(refused), refused);
  await box.holds([refused]);
});

it('W12: requests that are none are answered with an error and closed', async () => {
  const requests = [
    'GET / HTTP/1.1\r\nHost: box\r\n\r\n',
    'POST /v1 HTTP/1.1\r\nHost: box\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1 HTTP/1.1\r\n\r\n',
    'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: box\r\n\r\n',
    upgradeRequest('/../../etc/passwd'),
    upgradeRequest('/v1', [`X: ${'x'.repeat(65_536)}`]),
    upgradeRequest(
      '/v1',
      Array.from({ length: 2100 }, (_, i) => `X-${i}: 1`),
    ),
    upgradeRequest('/v1', ['Origin: http://evil.example']),
    'nonsense\r\n\r\n',
  ];
  for (const request of requests) {
    const raw = new RawClient(box.port, request);
    await raw.closed;
    assert.match(raw.received, /^(?:$|HTTP\/1\.1 4\d\d )/, `${request.length} ${request.slice(-80)}: ${raw.received}`);
  }
  await box.holds();
});

it('W15: two hundred clients that come back at once are all served', async () => {
  box = await box.again('SIGTERM');
  const wires = await Promise.all(
    Array.from({ length: 200 }, async () => {
      for (;;) {
        try {
          return await box.wire(alice);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 20)); // one of too many strangers: again
        }
      }
    }),
  );
  for (const code of await Promise.all(wires.map((wire) => wire.outcome('list', {})))) assert.is(code, 'done');
  for (const wire of wires) wire.end();
  await box.holds();
});

it('W16: calls for one name are carried out in their order', async () => {
  const wire = await box.wire(alice);
  const codes = await Promise.all([
    wire.deploys(next()),
    wire.outcome('undeploy', { envelope: undeploy() }),
    wire.deploys(next()),
    wire.outcome('undeploy', { envelope: undeploy() }),
    wire.deploys(next()),
  ]);
  assert.equal(codes, Array(5).fill('done'));
  assert.ok((await box.running()).includes('t-lamp'));
  assert.is(await wire.outcome('undeploy', { envelope: undeploy() }), 'done');
  await box.holds();
});

it.run();
