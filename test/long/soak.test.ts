import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { type BoxConnection, connect, keyPairSigner } from '../../src/client/index.ts';
import { folderWith } from '../support/folder.ts';
import { isLong, progress } from '../support/long.ts';
import { descendants, held, type RealBox, realBox } from '../support/real-box.ts';
import { alice } from '../support/service.ts';
import { deployOf, sealed, trustLine } from '../support/signed.ts';

const it = suite('a box for a long time');
const cycles = isLong ? 1000 : 24;
const soakMs = isLong ? 600_000 : 4000;
const swarmlets = isLong ? 20 : 4;

const folder = folderWith({ trusted_keys: trustLine('alice@lab', alice), revoked_keys: '' });
const state = join(folder.path, 'state');
let box: RealBox;
let connection: BoxConnection;
let inspector: WebSocket;
it.before(async () => {
  // Garbage that waits for its turn is nothing that the box holds, so it is collected before memory is measured.
  const env = { ...process.env, NODE_OPTIONS: '--inspect=127.0.0.1:0' };
  box = await realBox({ env }, '--state', state, '--trusted-keys', join(folder.path, 'trusted_keys'), '--pool', '2');
  inspector = await inspectorOf(box);
  connection = await connect(box.url, { signer: keyPairSigner(alice) });
});
it.after(async () => {
  connection?.close();
  inspector?.terminate();
  await box?.end('SIGTERM');
  folder.remove();
});

/** Sends something ten times a second, and prints at once, so that what is kept of that is there from the beginning, and now and then. */
const CODE = `
  exports.setup = function () { this.input('ask'); this.output('number'); };
  exports.initialize = function () {
    let count = 0;
    console.log('on');
    setInterval(() => { this.send('number', ++count); if (count % 50 === 0) console.log('at ' + count); }, 100);
  };`;

async function deploy(swarmlet: string, sequence: number): Promise<void> {
  const statement = deployOf(swarmlet, sequence, CODE, { audience: [connection.box.id] });
  await connection.deploy({ envelope: sealed(statement, alice), payload: Buffer.from(JSON.stringify(statement)) } as never);
}

/** What the box holds; memory is that of its own process, without garbage. */
interface Held {
  readonly memoryMiB: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly processes: number;
  readonly files: number;
}

async function inspectorOf({ log }: RealBox): Promise<WebSocket> {
  const [address] = /ws:\/\/\S+/.exec(log()) ?? [];
  assert.ok(address, log());
  const socket = new WebSocket(address);
  await once(socket, 'open');
  return socket;
}

async function measure(): Promise<Held> {
  inspector.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
  await once(inspector, 'message');
  const { rssMiB, descriptors, threads } = held(box.pid);
  const files = (readdirSync(state, { recursive: true }) as string[]).length;
  return { memoryMiB: Math.round(rssMiB), descriptors: descriptors.length, threads, processes: descendants(box.pid).length, files };
}

/** The pool fills up in the background: what is held when nothing changes any more. */
async function settled(): Promise<Held> {
  const deadline = Date.now() + 20_000;
  let before = await measure();
  for (let equal = 0; equal < 5 && Date.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const now = await measure();
    equal = now.processes === before.processes && now.descriptors === before.descriptors ? equal + 1 : 0;
    before = now;
  }
  return before;
}

function flat(before: Held, after: Held, memoryMiB: number): void {
  const text = `${JSON.stringify(before)} -> ${JSON.stringify(after)}`;
  assert.is(after.processes, before.processes, text);
  for (const name of ['descriptors', 'threads', 'files'] as const) assert.ok(after[name] <= before[name] + 2, `${name}: ${text}`);
  assert.ok(after.memoryMiB <= before.memoryMiB + memoryMiB, `memory: ${text}`);
}

it(`holds no more after ${cycles} deployments that were taken off again than after the first of them (X25)`, async () => {
  const warm = Math.ceil(cycles / 5);
  let before: Held | undefined;
  for (let i = 1; i <= cycles; i++) {
    await deploy('lamp', 2 * i);
    await connection.change({ action: 'undeploy', swarmlet: 'lamp' });
    if (i === warm) before = await settled();
    if (i % 100 === 0) progress(`${i} cycles: ${JSON.stringify(await measure())}`);
  }
  const after = await settled();
  progress(`${cycles} cycles: ${JSON.stringify(before)} after ${warm}, ${JSON.stringify(after)} at the end`);
  flat(before as Held, after, 24);
});

it(`holds no more after ${soakMs / 1000} s with ${swarmlets} swarmlets than at the beginning`, async () => {
  for (let i = 0; i < swarmlets; i++) await deploy(`lamp-${i}`, 1);
  let outputs = 0;
  connection.on('output', () => void outputs++);
  for (let i = 0; i < swarmlets; i++) await connection.subscribe(`lamp-${i}`, { outputs: true });
  const began = Date.now();
  let before: Held | undefined;
  let minute = 0;
  while (Date.now() - began < soakMs) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(1000, soakMs / 10)));
    await connection.input(`lamp-${outputs % swarmlets}`, 'ask', outputs);
    if (Date.now() - began > soakMs / 5) before ??= await settled();
    if (Math.floor((Date.now() - began) / 60_000) > minute)
      progress(`${++minute} min: ${outputs} outputs, ${JSON.stringify(await measure())}`);
  }
  const after = await settled();
  progress(`${soakMs / 1000} s with ${swarmlets}: ${outputs} outputs, ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
  flat(before as Held, after, 24);
  const all = await connection.list();
  assert.equal(all.filter(({ state: now }) => now === 'running').length, swarmlets);
  assert.ok(outputs > swarmlets * (soakMs / 1000), `${outputs} outputs`);
});

it.run();
