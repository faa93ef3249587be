import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type BoxConnection, common, connect, keyPairSigner, type Signed, signStatement } from '../../src/client/index.ts';
import { fileEntry, generateKeyPair, type KeyPair } from '../../src/envelope/index.ts';
import { folderWith } from '../support/folder.ts';
import { quantile, type Row, spreadOf, type Workload } from './workload.ts';

/** 3 kB of a swarmlet that sends at once: what people push is mostly code that does not run at the start. */
const code = `
exports.setup = function () { this.output('out'); };
exports.initialize = function () { this.send('out', 'first'); };
${'// a line of a swarmlet that is as long as most swarmlets are\n'.repeat(45)}`;

/** A box in a process of its own, as people run it. */
async function startBox(pool: number, keys: KeyPair, durable: boolean): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = folderWith();
  const trusted = join(folder.path, 'trusted_keys');
  writeFileSync(trusted, `bench ${keys.publicKey.text}\n`);
  const state = durable ? join(folder.path, 'state') : '';
  const program = join(import.meta.dirname, 'push-box.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, String(pool), trusted, state], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    url: `ws://127.0.0.1:${port}/v1`,
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
      folder.remove();
    },
  };
}

function signed(box: BoxConnection, keys: KeyPair, sequence: number): Promise<Signed> {
  const statement = {
    action: 'deploy',
    swarmlet: 'bench',
    ...common([box.box.id]),
    sequence,
    version: `1.0.${sequence}`,
    main: 'Bench.js',
    files: { 'Bench.js': fileEntry(code) },
  };
  return signStatement(statement, keyPairSigner(keys));
}

/** Milliseconds from the first byte of each signed `deploy` frame to the first output of that version. */
async function pushes(pool: number, count: number, gapMs: number, durable = false): Promise<number[]> {
  const keys = generateKeyPair();
  const box = await startBox(pool, keys, durable);
  try {
    const connection = await connect(box.url, { signer: keyPairSigner(keys) });
    await connection.subscribe('bench', { outputs: true });
    const times: number[] = [];
    for (let sequence = 1; sequence <= count; sequence++) {
      const statement = await signed(connection, keys, sequence);
      await pause(gapMs);
      const output = new Promise<number>((resolve) => connection.once('output', () => resolve(performance.now())));
      const start = performance.now();
      const deployed = connection.deploy(statement);
      times.push((await output) - start);
      await deployed;
    }
    connection.close();
    return times;
  } finally {
    await box.stop();
  }
}

function rows(name: string, times: readonly number[]): Row[] {
  const [first = Number.NaN, ...rest] = times;
  const row = (what: string, own: number): Row => ({
    name: `${name}, ${what}`,
    own,
    reference: undefined,
    unit: 'ms',
    spread: spreadOf(rest),
  });
  return [row('p50', quantile(rest, 0.5)), row('p95', quantile(rest, 0.95)), row('the very first', first)];
}

/** A push on an authenticated connection over loopback, with warm isolates and without. */
export const push: Workload = {
  name: 'push',
  async run(short) {
    return [
      ...rows('push to first output, pool of 2', await pushes(2, short ? 8 : 60, 300)),
      ...rows('push to first output, pool of 2, written to disk', await pushes(2, short ? 8 : 60, 300, true)),
      ...rows('push to first output, no pool', await pushes(0, short ? 4 : 20, 50)),
    ];
  },
};
