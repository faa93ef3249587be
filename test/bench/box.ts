import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type BoxConnection, common, connect, keyPairSigner, type Signed, signStatement } from '../../src/client/index.ts';
import { fileEntry, generateKeyPair, type KeyPair } from '../../src/envelope/index.ts';
import { folderWith } from '../support/folder.ts';
import { root } from '../support/run.ts';

/** Files of more bytes travel on their own, as those of a push do. */
const INLINE_BYTES = 8 * 1024;

/** What a box tells when it is ready. */
interface Ready {
  readonly deploy: string;
  readonly admin: string;
}

/** A box in a process of its own, as people run it, with its state on disk. */
export class BenchBox {
  readonly url: string;
  readonly #admin: string;
  readonly pid: number;
  readonly keys: KeyPair;
  readonly stop: () => Promise<void>;
  #sequence = 0;

  private constructor({ deploy, admin }: Ready, pid: number, keys: KeyPair, stop: () => Promise<void>) {
    this.url = deploy;
    this.#admin = admin;
    this.pid = pid;
    this.keys = keys;
    this.stop = stop;
  }

  /** @param pool  isolates that wait for a swarmlet; default: as many as a box has on this machine */
  static async start(pool?: number): Promise<BenchBox> {
    const keys = generateKeyPair();
    const folder = folderWith({
      trusted_keys: `bench ${keys.publicKey.text}\n`,
      'box.json': JSON.stringify({ limits: { messagesPerSecond: 1_000_000 }, policy: [{ capabilities: ['*'] }] }),
    });
    const file = (name: string): string => join(folder.path, name);
    const args = ['box', '--json', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--config', file('box.json')];
    args.push('--state', file('state'), '--trusted-keys', file('trusted_keys'), '--isolation-minimum', 'P1');
    if (pool !== undefined) args.push('--pool', String(pool));
    const child = spawn(process.execPath, [join(root, 'dist/accessors.cjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data) => {
      said = `${said}${data}`.slice(-2000);
    });
    const ended = once(child, 'exit');
    const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended.then(() => undefined)]);
    if (!line) throw new Error(`the box did not start: ${said}`);
    const stop = async (): Promise<void> => {
      child.kill();
      await ended;
      folder.remove();
    };
    return new BenchBox(JSON.parse(line[0] as string), child.pid as number, keys, stop);
  }

  /** Resolves when as many isolates wait for a swarmlet as are to. */
  async pooled(): Promise<void> {
    for (;;) {
      const metrics = await (await fetch(new URL('/metrics', this.#admin))).text();
      const gauge = (name: string): string | undefined => new RegExp(`^swarmbox_pool_${name} (\\d+)$`, 'm').exec(metrics)?.[1];
      if (gauge('idle') === gauge('size')) return;
      await pause(100);
    }
  }

  connect(): Promise<BoxConnection> {
    return connect(this.url, { signer: keyPairSigner(this.keys) });
  }

  /** A deployment of these files, the first of them the main one. */
  signed(to: BoxConnection, swarmlet: string, files: Readonly<Record<string, string>>, keys = this.keys, more = {}): Promise<Signed> {
    const sequence = ++this.#sequence;
    const apart = new Map<string, Buffer>();
    const entries = Object.entries(files).map(([name, text]) => {
      const { sha256, size } = fileEntry(text);
      if (size <= INLINE_BYTES) return [name, { sha256, size, text }];
      apart.set(`sha256:${sha256}`, Buffer.from(text));
      return [name, { sha256, size }];
    });
    const what = { action: 'deploy', swarmlet, sequence, version: `1.0.${sequence}`, main: Object.keys(files)[0] };
    const statement = { ...what, ...more, ...common([to.box.id]), files: Object.fromEntries(entries) };
    return signStatement(statement, keyPairSigner(keys), apart);
  }
}

/** What the processes below one, itself included, use; all of them read from procfs. */
export interface ProcessUse {
  /** Seconds of processor time so far, ended children included. */
  readonly cpuSeconds: number;
  /** Memory that they share with nobody, the first one's left out. */
  readonly privateBytesBelow: number;
}

/** Seconds of processor time of all threads of one process so far, to the nanosecond. */
export function cpuSecondsOf(pid: number): number {
  const spent = readdirSync(`/proc/${pid}/task`).map((thread) => Number(ofProcess(pid, `task/${thread}/schedstat`).split(' ')[0]));
  return spent.reduce((sum, ns) => sum + ns, 0) / 1e9;
}

const TICKS = 100; // USER_HZ, on every Linux

export function useOf(pid: number): ProcessUse {
  let cpuSeconds = 0;
  let privateBytesBelow = 0;
  const pids = [pid];
  for (let at = pids.pop(); at !== undefined; at = pids.pop()) {
    const stat = ofProcess(at, 'stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    cpuSeconds += fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
    const rollup = at === pid ? '' : ofProcess(at, 'smaps_rollup');
    for (const [, kib] of rollup.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)) privateBytesBelow += Number(kib) * 1024;
    for (const task of children(at)) pids.push(task);
  }
  return { cpuSeconds, privateBytesBelow };
}

/** '' for one that ended meanwhile. */
function ofProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function children(pid: number): number[] {
  return ofProcess(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}
