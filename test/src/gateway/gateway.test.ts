import type { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KeyId } from '../../../src/envelope/index.ts';
import { errors } from '../../../src/errors.ts';
import { type Backend, Gateway, type GatewayOptions, type Method, type Peer } from '../../../src/gateway/index.ts';
import { RawClient, SocketClient, upgradeRequest, within } from '../../support/socket-client.ts';

const it = suite('gateway');

const alice = { keyId: 'SHA256:alice' as KeyId, principal: 'alice@lab', principals: ['alice@lab'] };
const ends: (() => unknown)[] = [];

interface Box {
  readonly url: string;
  readonly port: number;
  readonly gateway: Gateway;
  readonly refused: string[];
  readonly defects: unknown[];
  /** The first caller whose connection ended. */
  readonly gone: Promise<Peer>;
  client(options?: ConstructorParameters<typeof SocketClient>[1]): SocketClient;
  /** Authenticated. */
  known(): Promise<SocketClient>;
}

/** A gateway before a service that takes whoever says `{who: 'alice'}`. */
async function box(
  options: Partial<GatewayOptions> = {},
  methods: Record<string, Method> = {},
  blob: Backend['blob'] = () => undefined,
): Promise<Box> {
  const refused: string[] = [];
  const defects: unknown[] = [];
  let leave = (_: Peer): void => {};
  const gone = new Promise<Peer>((resolve) => {
    leave = resolve;
  });
  const backend: Backend = {
    methods: new Map(Object.entries(methods)),
    hello: () => ({ protocol: 'swarmlet.v1' }),
    authenticate: (params) => {
      if (params.who !== 'alice') throw errors.UNTRUSTED_KEY(String(params.who));
      return { identity: alice, result: { principal: alice.principal } };
    },
    blob,
    countRefusal: (_, code) => refused.push(code),
    defect: (error) => defects.push(error),
  };
  const gateway = await Gateway.open(options, backend, (peer) => leave(peer));
  const { port } = gateway.address;
  const url = `ws://127.0.0.1:${port}/v1`;
  const client = (given?: ConstructorParameters<typeof SocketClient>[1]): SocketClient => {
    const made = new SocketClient(url, given);
    ends.push(() => made.end());
    return made;
  };
  const known = async (): Promise<SocketClient> => {
    const made = client();
    await made.notification('hello');
    await made.call('authenticate', { who: 'alice' });
    return made;
  };
  ends.push(() => gateway.close());
  return { url, port, gateway, refused, defects, gone, client, known };
}

it.after.each(async () => {
  for (const end of ends.splice(0)) await end();
});

const echo: Method = { signed: false, call: (_, params) => params };

it('says hello, takes an authentication, then calls', async () => {
  const { client, gateway } = await box({}, { echo });
  const caller = client();
  assert.equal((await caller.notification('hello')).params, { protocol: 'swarmlet.v1' });
  assert.equal((await caller.call('authenticate', { who: 'alice' })).result, { principal: 'alice@lab' });
  assert.equal((await caller.call('echo', { a: 1 })).result, { a: 1 });
  assert.equal(
    [...gateway.peers].map((peer) => peer.signer.principal),
    ['alice@lab'],
  );
});

it('answers 426 to what is no upgrade to the protocol, 404 to another path, 403 to a page', async () => {
  const { port, url, client } = await box({ origins: ['https://box.lab'] });
  assert.is((await fetch(`http://127.0.0.1:${port}/v1`)).status, 426);
  assert.is((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
  assert.is((await fetch(`http://127.0.0.1:${port}/v1x`)).status, 404);
  assert.is(await new SocketClient(url.replace('/v1', '/v2')).refusal(), 404);
  assert.is(await client({ protocols: [] }).refusal(), 426);
  assert.is(await client({ protocols: ['swarmlet.v2'] }).refusal(), 426);
  assert.is(await client({ origin: 'http://evil.example' }).refusal(), 403);
  await client({ origin: 'https://box.lab' }).notification('hello');
});

it('does not agree to compress', async () => {
  const { client } = await box();
  const caller = client({ deflate: true });
  await caller.notification('hello');
  assert.is(caller.ws.extensions, '');
});

const oddCalls: readonly (readonly [string, string, number, string])[] = [
  ['text that is no JSON', '{', -32700, 'MALFORMED'],
  ['a key twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"echo"}', -32700, 'MALFORMED'],
  ['a key __proto__', '{"jsonrpc":"2.0","id":1,"method":"echo","params":{"__proto__":1}}', -32700, 'MALFORMED'],
  ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"echo"}]', -32600, 'MALFORMED'],
  ['another version', '{"jsonrpc":"1.0","id":1,"method":"echo"}', -32600, 'MALFORMED'],
  ['a call without an id', '{"jsonrpc":"2.0","method":"echo"}', -32600, 'MALFORMED'],
  ['a call with a stranger in it', '{"jsonrpc":"2.0","id":1,"method":"echo","more":1}', -32600, 'MALFORMED'],
  ['parameters by position', '{"jsonrpc":"2.0","id":1,"method":"echo","params":[1]}', -32602, 'MALFORMED'],
  ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"constructor"}', -32601, 'UNSUPPORTED'],
];
for (const [what, text, rpcCode, code] of oddCalls) {
  it(`answers ${what} with ${rpcCode} and ${code}`, async () => {
    const { known } = await box({}, { echo });
    const caller = await known();
    caller.send(text);
    const { error } = await caller.message((m) => m.error !== undefined);
    assert.equal([error?.code, error?.data.code], [rpcCode, code]);
  });
}

it('answers UNAUTHENTICATED to any other call of a stranger, and closes at the third wrong attempt', async () => {
  const { client, refused } = await box({}, { echo });
  const caller = client();
  await caller.notification('hello');
  assert.is((await caller.call('echo')).error?.data.code, 'UNAUTHENTICATED');
  assert.is((await caller.call('authenticate', { who: 'bob' })).error?.data.code, 'UNTRUSTED_KEY');
  caller.send('nonsense');
  assert.is((await within(caller.closed, 'closing')).code, 4401);
  assert.equal(refused, ['UNAUTHENTICATED', 'MALFORMED']);
});

it('closes a caller that does not authenticate in time, and one that does not even ask', async () => {
  const { client, port } = await box({ handshakeMs: 50 });
  assert.is((await within(client().closed, 'closing')).code, 4401);
  await new RawClient(port).closed;
  await new RawClient(port, 'GET /v1 HTTP/1.1\r\nHost: ').closed;
});

it('leaves those alone who authenticated in time', async () => {
  const { known, client } = await box({ handshakeMs: 1000 }, { echo });
  const caller = await known();
  await within(client().closed, 'closing of one that came later and said nothing');
  assert.equal((await caller.call('echo')).result, {});
});

it('closes with 1009 what is too large before authentication, and takes it after', async () => {
  const { client, known, refused } = await box({}, { echo });
  const large = JSON.stringify({ jsonrpc: '2.0', id: 99, method: 'echo', params: { text: 'x'.repeat(100_000) } });
  const stranger = client();
  await stranger.notification('hello');
  stranger.send(large);
  assert.is((await within(stranger.closed, 'closing')).code, 1009);
  assert.equal(refused, ['TOO_LARGE']);
  const caller = await known();
  caller.send(large);
  assert.ok((await caller.message((m) => m.id === 99)).result);
});

it('closes with 1009 a frame beyond the limit as soon as its header says so', async () => {
  const { port } = await box();
  const raw = new RawClient(port, upgradeRequest());
  raw.socket.write(Buffer.from('81ff000000010000000000000000', 'hex')); // 4 GiB announced, nothing sent
  await raw.closed;
  assert.match(raw.received, '\x88');
  assert.match(raw.received, '\x03\xf1'); // 1009
});

it('closes a stranger that sends fragment after fragment', async () => {
  const { port } = await box();
  const raw = new RawClient(port, upgradeRequest());
  const fragment = Buffer.concat([Buffer.from('01fe040000000000', 'hex'), Buffer.alloc(1024, 0x20)]);
  const more = Buffer.concat([Buffer.from('00fe040000000000', 'hex'), Buffer.alloc(1024, 0x20)]);
  raw.socket.write(fragment);
  for (let i = 0; i < 80; i++) raw.socket.write(more);
  await raw.closed;
  assert.match(raw.received, '\x03\xf1');
});

it('closes with 4400 at a binary frame', async () => {
  const { known } = await box();
  const caller = await known();
  caller.send(Buffer.from([1, 2, 3]));
  assert.is((await within(caller.closed, 'closing')).code, 4400);
});

it('closes with 4429 at a flood of pings', async () => {
  const { known } = await box();
  const caller = await known();
  for (let i = 0; i < 200; i++) caller.ws.ping();
  assert.is((await within(caller.closed, 'closing')).code, 4429);
});

/** The bytes below a client, for frames that come in pieces. */
function below(client: SocketClient): Socket {
  return (client.ws as unknown as { _socket: Socket })._socket;
}

it('closes with 4429 who drips a message, however many pings come in its middle', async () => {
  const { known } = await box({ messageMs: 300 });
  const caller = await known();
  const socket = below(caller);
  socket.write(Buffer.from('01fe040000000000', 'hex')); // 1 KiB announced
  const drip = setInterval(() => socket.write(Buffer.from('20', 'hex')), 20);
  assert.is((await within(caller.closed, 'closing')).code, 4429);
  clearInterval(drip);
  const other = await known();
  below(other).write(Buffer.from('018100000000' + '20', 'hex')); // a first fragment, whole
  const pings = setInterval(() => other.ws.ping('are you there?'), 50);
  assert.is((await within(other.closed, 'closing')).code, 4429);
  clearInterval(pings);
});

it('leaves those alone who say nothing but pings, or bring a message in time piece by piece', async () => {
  const { known } = await box({ messageMs: 400 }, { echo });
  const caller = await known();
  const call = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'echo', params: { text: 'a' } });
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | call.length, 0, 0, 0, 0]), Buffer.from(call)]);
  for (let round = 0; round < 8; round++) {
    caller.ws.ping();
    below(caller).write(frame.subarray(0, 20));
    await new Promise((resolve) => setTimeout(resolve, 100));
    below(caller).write(frame.subarray(20));
    const count = caller.messages.filter(({ id }) => id === 7).length;
    await caller.message(() => caller.messages.filter(({ id }) => id === 7).length > count, 'an answer');
  }
  assert.is(caller.ws.readyState, caller.ws.OPEN);
});

it('gives bad frames the close codes of WebSocket', async () => {
  const { port } = await box();
  const rows: readonly (readonly [string, string, string])[] = [
    ['reserved bit', 'f18000000000', '\x03\xea'],
    ['unmasked', '810161', '\x03\xea'],
    ['unknown opcode', '838000000000', '\x03\xea'],
    ['invalid UTF-8', '818100000000ff', '\x03\xef'],
  ];
  for (const [what, hex, code] of rows) {
    const raw = new RawClient(port, upgradeRequest());
    raw.socket.write(Buffer.from(hex, 'hex'));
    await raw.closed;
    assert.match(raw.received, code, what);
  }
});

it('lets the oldest stranger go when an address holds too many connections', async () => {
  const { client, port } = await box({ strangersOfAddress: 4, handshakeMs: 60_000 });
  const first = new RawClient(port);
  await within(new Promise((resolve) => first.socket.once('connect', resolve)), 'connecting');
  const others = [client(), client(), client()];
  for (const other of others) await other.notification('hello');
  const last = client();
  await last.notification('hello');
  await first.closed;
  assert.is(others[0]?.ws.readyState, 1);
});

it('lets the oldest stranger go when there are too many of them in all', async () => {
  const { client } = await box({ strangers: 2, handshakeMs: 60_000 });
  const first = client();
  await first.notification('hello');
  await client().notification('hello');
  await client().notification('hello');
  await within(first.closed, 'closing of the first');
});

it('does not count those who authenticated among the strangers', async () => {
  const { known, client } = await box({ strangersOfAddress: 2 }, { echo });
  const callers = [await known(), await known(), await known()];
  await client().notification('hello');
  for (const caller of callers) assert.equal((await caller.call('echo')).result, {});
});

it('serves so many connections and no more', async () => {
  const { known, client } = await box({ peers: 1 });
  await known();
  const second = client();
  await second.notification('hello');
  assert.is((await second.call('authenticate', { who: 'alice' })).error?.data.code, 'BUSY');
  assert.is((await within(second.closed, 'closing')).code, 1013);
});

it('refuses statements before they are looked at once too many were refused, on that connection only', async () => {
  let looked = 0;
  const refuse: Method = {
    signed: true,
    call: () => {
      looked++;
      const error = errors.WRONG_AUDIENCE('SHA256:other');
      if (looked % 2 === 0) return error;
      throw error;
    },
  };
  const { known } = await box({ refusals: 5, refusalsPerSecond: 0 }, { refuse });
  const caller = await known();
  const codes: (string | undefined)[] = [];
  for (let i = 0; i < 8; i++) codes.push((await caller.call('refuse')).error?.data.code);
  assert.equal(codes, [...Array(5).fill('WRONG_AUDIENCE'), ...Array(3).fill('RATE_LIMITED')]);
  assert.is(looked, 5);
  const other = await known();
  assert.is((await other.call('refuse')).error?.data.code, 'WRONG_AUDIENCE');
});

it('reads a caller that has many statements refused only now and then', async () => {
  let looked = 0;
  const refuse: Method = {
    signed: true,
    call: () => {
      looked++;
      return errors.WRONG_AUDIENCE('SHA256:other');
    },
  };
  const { known } = await box({ paceMs: 3_600_000 }, { refuse, echo });
  const caller = await known();
  const other = await known();
  const send = (): void => caller.send(JSON.stringify({ jsonrpc: '2.0', id: 'refused', method: 'refuse' }));
  for (let i = 0; i < 60; i++) send();
  await caller.message(() => looked > 20, 'more than may be refused at once');
  for (let i = 0; i < 2; i++) await other.call('echo'); // what had arrived is looked at by then
  const before = looked;
  send();
  for (let i = 0; i < 2; i++) await other.call('echo'); // and so would this one be
  assert.is(looked, before);

  const paced = await box({ paceMs: 50 }, { refuse, echo });
  const second = await paced.known();
  const codes = await Promise.all(Array.from({ length: 60 }, async () => (await second.call('refuse')).error?.data.code));
  assert.equal([...new Set(codes)], ['WRONG_AUDIENCE']);
  for (let i = 0; i < 3; i++) assert.is((await second.call('refuse')).error?.data.code, 'WRONG_AUDIENCE');
  assert.equal((await second.call('echo')).result, {}); // all is read, later
});

it('does not charge for what was accepted and failed later', async () => {
  const fail: Method = { signed: true, call: () => Promise.reject(errors.SETUP_FAILED('lamp', 'setup', 'exception', 'no')) };
  const { known } = await box({ refusals: 1, refusalsPerSecond: 0 }, { fail });
  const caller = await known();
  for (let i = 0; i < 3; i++) assert.is((await caller.call('fail')).error?.data.code, 'SETUP_FAILED');
});

it('answers INTERNAL for a defect, says nothing of it, and lives on', async () => {
  const broken: Method = { signed: false, call: () => Promise.reject(new Error('secret path')) };
  const { known, defects } = await box({}, { broken, echo });
  const caller = await known();
  const { error } = await caller.call('broken');
  assert.is(error?.data.code, 'INTERNAL');
  assert.not.match(JSON.stringify(error), 'secret');
  assert.is(defects.length, 1);
  assert.equal((await caller.call('echo')).result, {});
});

it('drops and counts notifications for a slow reader, and answers it again when it reads', async () => {
  let peer: Peer | undefined;
  const who: Method = {
    signed: false,
    call: (caller) => {
      peer = caller;
      return {};
    },
  };
  const { known } = await box({ bufferedBytes: 64 * 1024 }, { who, echo });
  const caller = await known();
  await caller.call('who');
  caller.ws.pause();
  const text = JSON.stringify({ jsonrpc: '2.0', method: 'output', params: { value: 'x'.repeat(10_000) } });
  const sent = 3000; // more than the buffers of the system take
  for (let i = 0; i < sent; i++) peer?.notify(text);
  caller.ws.resume();
  const { params } = await caller.notification('dropped');
  const came = caller.messages.filter((m) => m.method === 'output').length;
  assert.is(came + (params as { count: number }).count, sent);
  assert.equal((await caller.call('echo')).result, {});
});

it('closes a reader that takes nothing at all', async () => {
  let peer: Peer | undefined;
  const who: Method = {
    signed: false,
    call: (caller) => {
      peer = caller;
      return {};
    },
  };
  const { known, gone } = await box({ bufferedBytes: 64 * 1024, stalledMs: 30 }, { who });
  const caller = await known();
  await caller.call('who');
  caller.ws.pause();
  for (let i = 0; i < 3000; i++) peer?.notify(JSON.stringify({ value: 'x'.repeat(10_000) }));
  assert.is(await within(gone, 'closing'), peer);
});

it('refuses calls beyond those that one connection may have open', async () => {
  const never: Method = { signed: false, call: () => new Promise(() => {}) };
  const { known } = await box({ openCalls: 2 }, { never });
  const caller = await known();
  caller.send('{"jsonrpc":"2.0","id":"a","method":"never"}');
  caller.send('{"jsonrpc":"2.0","id":"b","method":"never"}');
  assert.is((await caller.call('never')).error?.data.code, 'BUSY');
});

it('tells of the port in use', async () => {
  const { port } = await box();
  try {
    await box({ port });
    assert.unreachable();
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
  }
});

it.run();
