import { appendFileSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { envelopeOf, fileEntry, pae, payloadType, signSsh } from '../../src/envelope/index.ts';
import { AttackedBox, alice, commonFields, deployOf, polled, QUIET, sealed } from '../support/attacked-box.ts';
import { sshKey } from '../support/keys.ts';
import { RawClient, upgradeRequest } from '../support/socket-client.ts';

const it = suite('threats: freshness');
let box: AttackedBox;
it.before(async () => {
  box = await AttackedBox.open();
});
it.after(() => box.close());

let sequence = 0;
const next = (name = 't-lamp', more: object = {}): Record<string, unknown> => deployOf(name, ++sequence, QUIET, more);
const command = (action: string, swarmlet: string, more: object = {}): object => ({
  action,
  swarmlet,
  sequence: ++sequence,
  ...commonFields(),
  ...more,
});

/** What comes of each statement, signed by alice, on one connection, one after the other. */
async function outcomes(...statements: readonly object[]): Promise<string[]> {
  return sent(...statements.map((statement) => ({ method: (statement as { action: string }).action, envelope: sealed(statement, alice) })));
}
async function sent(...calls: readonly { method: string; envelope: object }[]): Promise<string[]> {
  const wire = await box.wire(alice);
  const codes: string[] = [];
  for (const { method, envelope } of calls) codes.push(await wire.outcome(method, { envelope }));
  wire.end();
  return codes;
}
const undeployed = async (name = 't-lamp'): Promise<void> => assert.equal(await outcomes(command('undeploy', name)), ['done']);

it('R01: what was recorded counts once: on the connection, on another one, and after a restart of the box', async () => {
  const envelope = sealed(next(), alice);
  const call = { method: 'deploy', envelope };
  assert.equal(await sent(call, call), ['done', 'REPLAYED']);
  assert.equal(await sent(call), ['REPLAYED']);
  box = await box.again('SIGKILL');
  assert.equal(await sent(call), ['REPLAYED']);
  await undeployed();
  await box.holds(['REPLAYED']);
});

it('R02: what is for another box is not for this one', async () => {
  const other = `SHA256:${'A'.repeat(43)}`;
  const audiences = [[other], [{ labels: { room: '545' } }]];
  const codes = await outcomes(...audiences.map((audience) => next('t-lamp', { audience })));
  assert.equal(codes, ['WRONG_AUDIENCE', 'WRONG_AUDIENCE']);
  await box.holds(codes);
});

it('R03: an old teardown or restart does nothing to what was deployed since', async () => {
  assert.equal(await outcomes(next()), ['done']);
  const teardown = { method: 'undeploy', envelope: sealed(command('undeploy', 't-lamp'), alice) };
  const restart = { method: 'restart', envelope: sealed(command('restart', 't-lamp'), alice) };
  assert.equal(await sent(restart), ['done']);
  assert.equal(await outcomes(next()), ['done']);
  assert.equal(await sent(teardown, restart), ['STALE_SEQUENCE', 'REPLAYED']);
  assert.ok((await box.running()).includes('t-lamp'));
  await undeployed();
  await box.holds(['STALE_SEQUENCE', 'REPLAYED']);
});

it('R04: no older version comes back, also after a restart of the box', async () => {
  const old = { method: 'deploy', envelope: sealed(next(), alice) };
  assert.equal(await outcomes(next()), ['done']);
  assert.equal(await sent(old), ['STALE_SEQUENCE']);
  await undeployed();
  assert.equal(await sent(old), ['STALE_SEQUENCE']);
  await box.holds(['STALE_SEQUENCE', 'STALE_SEQUENCE']);
  box = await box.again('SIGTERM');
  assert.equal(await sent(old), ['STALE_SEQUENCE']);
  await box.holds(['STALE_SEQUENCE']);
});

it('R05: a sequence is an integer, and one that is far ahead blocks no other name', async () => {
  const text = (value: string): string =>
    JSON.stringify(deployOf('t-far', 1, 'exports.setup = function () {}; exports.initialize = function () { this.stop(); };')).replace(
      /"sequence":\d+/,
      `"sequence":${value}`,
    );
  const raw = (value: string): object => {
    const payload = Buffer.from(text(value));
    return envelopeOf(payload, [{ keyId: alice.publicKey.id, signature: signSsh(alice, 'swarmlet', pae(payloadType, payload)) }]);
  };
  const odd = ['1e400', '9007199254740993', '9007199254740992', '-1', '0', '1.5', '"8"', 'null'];
  const codes = await sent(...odd.map((value) => ({ method: 'deploy', envelope: raw(value) })));
  assert.equal(
    codes,
    odd.map(() => 'MALFORMED'),
  );
  assert.equal(await sent({ method: 'deploy', envelope: raw('9007199254740991') }), ['done']);
  await box.reaches('t-far', 'completed');
  assert.equal(await outcomes(next('t-lamp')), ['done']);
  await undeployed();
  const stale = await outcomes(next('t-far'));
  assert.equal(stale, ['STALE_SEQUENCE']);
  const again = { ...commonFields(), action: 'undeploy', swarmlet: 't-far', sequence: 2 ** 53 - 1 };
  assert.equal(await sent({ method: 'undeploy', envelope: sealed(again, alice) }), ['done'], 'it can be taken off');
  await box.holds([...codes, ...stale]);
});

it('R06: what runs does not end because a statement expired, and status says since when nobody changed it', async () => {
  const soon = { issuedAt: new Date(Date.now() - 120_000).toISOString(), expires: new Date(Date.now() - 60_000).toISOString() };
  assert.equal(await outcomes(next('t-old', soon)), ['done']);
  const status = await box.status('t-old');
  assert.is(status.state, 'running');
  assert.ok(Date.parse(String(status.since)) <= Date.now());
  await undeployed('t-old');
  await box.holds();
});

it('R07: not after its time, not before, and for thirty days at most', async () => {
  const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  const codes = await outcomes(
    next('t-lamp', { issuedAt: at(-2), expires: at(-1) }),
    next('t-lamp', { issuedAt: at(1), expires: at(2) }),
    next('t-lamp', { issuedAt: at(0), expires: at(36_500) }),
    next('t-lamp', { issuedAt: at(0), expires: at(31) }),
    next('t-lamp', { issuedAt: at(1), expires: at(0) }),
  );
  assert.equal(codes, ['EXPIRED', 'NOT_YET_VALID', 'MALFORMED', 'MALFORMED', 'MALFORMED']);
  await box.holds(codes);
});

it('R08: a clock that is wrong lets nothing expired in, and stops nothing that runs', async () => {
  assert.equal(await outcomes(next('t-kept')), ['done']);
  const at = (ms: number): string => new Date(ms).toISOString();
  const past = (): object => next('t-lamp', { issuedAt: at(Date.now() - 3_600_000), expires: at(Date.now() - 1_800_000) });
  box = await box.again('SIGKILL', { CLOCK_OFFSET_MS: String(-Date.now()) }); // 1970
  assert.equal(await outcomes(past(), next('t-lamp')), ['EXPIRED', 'done']);
  await undeployed();
  await box.reaches('t-kept', 'running');
  await box.holds(['EXPIRED']);
  // In ten years. The box remembers that, so it is its last clock.
  const future = await AttackedBox.open({ env: { CLOCK_OFFSET_MS: String(10 * 365 * 86_400_000) } });
  const wire = await future.wire(alice);
  assert.is(await wire.deploys(sealed(next('t-lamp'), alice)), 'EXPIRED');
  assert.is((await future.status('control')).state, 'running');
  await future.close();
});

it('R09: every file is the one that was signed, or none is taken', async () => {
  const [first, second] = [fileEntry(QUIET), fileEntry(`${QUIET}//`)];
  assert.equal(await outcomes(next('t-lamp', { files: { 'Main.js': { ...first, text: second.text } } })), ['DIGEST_MISMATCH']);
  const wire = await box.wire(alice);
  const { sha256, size } = first;
  const { result } = await wire.call('deploy', { envelope: sealed(next('t-lamp', { files: { 'Main.js': { sha256, size } } }), alice) });
  assert.equal(result, { needs: [`sha256:${sha256}`] });
  wire.send(Buffer.from(String(second.text)));
  assert.is((await wire.closed).code, 4400);
  assert.not((await box.running()).includes('t-lamp'));
  await box.holds(['DIGEST_MISMATCH']);
});

it('R10: the set of files is exact', async () => {
  const codes = await outcomes(next('t-lamp', { main: 'Other.js' }), next('t-lamp', { files: {} }));
  assert.equal(codes, ['MALFORMED', 'MALFORMED']);
  const wire = await box.wire(alice);
  wire.send(Buffer.from('nobody asked for this'));
  assert.is((await wire.closed).code, 4400);
  await box.holds(codes);
});

it('R11: nothing outside of the signature names anything', async () => {
  const envelope = sealed(next('t-lamp'), alice);
  const wire = await box.wire(alice);
  const renamed = await wire.deploys({ ...envelope, swarmlet: 'control' });
  assert.is(renamed, 'MALFORMED');
  assert.is((await wire.call('deploy', { envelope, swarmlet: 'control' })).error?.code, -32602);
  await box.holds([renamed]);
});

it('R12: what remembers statements does not grow with them', async () => {
  assert.equal(await outcomes(next('t-lamp')), ['done']);
  const wire = await box.wire(alice);
  const input = (): object => sealed({ action: 'input', swarmlet: 't-lamp', port: 'in', value: 1, ...commonFields() }, alice);
  for (let round = 0; round < 10; round++) {
    const codes = await Promise.all(Array.from({ length: 50 }, () => wire.outcome('input', { envelope: input() })));
    assert.equal([...new Set(codes)], ['done']);
    wire.messages.length = 0;
  }
  await undeployed();
  await box.holds();
});

it('R13: of fifty copies on ten connections one counts', async () => {
  const wires = await Promise.all(Array.from({ length: 10 }, () => box.wire(alice)));
  const envelope = sealed(next('t-lamp'), alice);
  const codes = await Promise.all(Array.from({ length: 50 }, (_, i) => (wires[i % 10] as (typeof wires)[number]).deploys(envelope)));
  assert.is(codes.filter((code) => code === 'done').length, 1);
  assert.is(codes.filter((code) => code === 'REPLAYED').length, 49);
  await undeployed();
  await box.holds(Array(49).fill('REPLAYED'));
});

it('R14: what was accepted when the box died runs once, and counts as seen', async () => {
  const call = { method: 'deploy', envelope: sealed(next('t-lamp'), alice) };
  const wire = await box.wire(alice);
  await wire.call('subscribe', { swarmlet: 't-lamp', states: true });
  const { pid } = box;
  wire.send(JSON.stringify({ jsonrpc: '2.0', id: 'x', method: 'deploy', params: { envelope: call.envelope } }));
  await wire.notification('state', ({ to }) => to === 'starting');
  box = await box.again('SIGKILL');
  assert.is.not(box.pid, pid);
  await box.reaches('t-lamp', 'running');
  assert.equal(await sent(call), ['REPLAYED']);
  assert.is(
    (await box.audit()).filter(({ swarmlet, event, to }) => swarmlet === 't-lamp' && event === 'state' && to === 'running').slice(-1)
      .length,
    1,
  );
  await undeployed();
  await box.holds(['REPLAYED']);
});

it('R14: what was told to be completed when the box died is not done again', async () => {
  const code = 'exports.initialize = function () { var self = this; setTimeout(function () { self.wrapup(); }, 10); };';
  const wire = await box.wire(alice);
  await wire.call('subscribe', { swarmlet: 't-task', states: true });
  assert.is(await wire.deploys(sealed(deployOf('t-task', ++sequence, code, { run: { for: 'once' } }), alice)), 'done');
  await wire.notification('state', ({ to }) => to === 'completed');
  box = await box.again('SIGKILL');
  assert.is((await box.status('t-task')).state, 'completed');
  const states = (await box.audit()).filter(({ swarmlet, event }) => swarmlet === 't-task' && event === 'state').map(({ to }) => to);
  assert.equal(states, ['starting', 'running', 'completed']);
  await undeployed('t-task');
  await box.holds();
});

it('R15: who sends a byte now and then, or without end, is sent away', async () => {
  const raw = new RawClient(box.port, upgradeRequest().slice(0, 40));
  const drip = setInterval(() => raw.socket.write('x'), 500);
  await raw.closed;
  clearInterval(drip);
  const idle = box.client();
  assert.is((await idle.closed).code, 4401);
  const wire = await box.wire(alice);
  const endless = (wire.ws as unknown as { _socket: Socket })._socket;
  endless.write(Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4])); // a text of a terabyte
  assert.is((await wire.closed).code, 1009);
  await box.holds();
});

/** Between a client and the box: `cut` ends the connection instead of passing on what the box says, from the frame that it names on. */
async function relay(cuts: (connection: number, text: string) => boolean): Promise<{ url: string; close(): void }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const connection = ++connections;
    const upstream = connectTo(box.port, '127.0.0.1');
    let said = '';
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    client.pipe(upstream);
    upstream.on('data', (data) => {
      said += data.toString('latin1');
      if (cuts(connection, said)) {
        client.destroy();
        upstream.destroy();
      } else client.write(data);
    });
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

it('R16: a push whose answer is lost learns what came of it, or says that it does not know', async () => {
  const key = sshKey(box.folder, 'id_push');
  appendFileSync(`${box.folder}/trusted_keys`, `alice@lab ${readFileSync(`${key}.pub`, 'utf8')}`);
  const keyLog = await polled(
    async () => box.command(['ps', '--to', box.url, '--identity', key]),
    ({ code }) => code === 0,
    'the box knows the key',
  );
  assert.is(keyLog.code, 0);
  box.changed();
  const file = box.file('Lamp.js', QUIET);
  const push = (url: string, name: string) =>
    box.command(['push', file, '--to', url, '--name', name, '--identity', key, '--box-id', box.id]);
  const once = await relay((connection, said) => connection === 1 && said.includes('"timeline"'));
  const learnt = await push(once.url, 't-once');
  once.close();
  assert.is(learnt.code, 0, learnt.stderr);
  const never = await relay((connection, said) => connection > 1 || said.includes('"timeline"'));
  const lost = await push(never.url, 't-never');
  never.close();
  assert.is.not(lost.code, 0);
  assert.is.not(lost.stderr, '');
  await box.reaches('t-never', 'running');
  await undeployed('t-once');
  await undeployed('t-never');
  await box.holds(['REPLAYED']);
});

it.run();
