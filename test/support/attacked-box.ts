import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as assert from 'uvu/assert';
import { generateKeyPair, type KeyPair } from '../../src/envelope/index.ts';
import { folderWith } from './folder.ts';
import { root, run } from './run.ts';
import { commonFields, deployOf, sealed, trustLine } from './signed.ts';
import { type Message, SocketClient, within } from './socket-client.ts';

/** May do everything, and what the control swarmlet is deployed with. */
export const operator = generateKeyPair();
/** May do everything with `t-*`. */
export const alice = generateKeyPair();
/** Another key of the same person. */
export const aliceToo = generateKeyPair();
/** May deploy, stop and observe `bob-*`, with 64 MiB. */
export const bob = generateKeyPair();
/** Trusted once; revoked. */
export const revoked = generateKeyPair();
/** In the list, until last year. */
export const expired = generateKeyPair();
/** May do everything with `leave-*`, until tests revoke them. */
export const leaving = [generateKeyPair(), generateKeyPair(), generateKeyPair()] as const;
export const stranger = generateKeyPair();

/**
 * What a process keeps for later, allocator and nursery of the heap, is not what it holds: with these it gives it back, so that
 * memory can be compared.
 */
const measurable = {
  NODE_OPTIONS: `--require=${join(root, 'test/support/watched-process.cjs')} --max-semi-space-size=1`,
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
};
export const cli = join(root, 'dist/accessors.cjs');

const trustedKeys =
  trustLine('operator@lab', operator) +
  trustLine('alice@lab', alice) +
  trustLine('alice@lab', aliceToo) +
  trustLine('bob@lab', bob) +
  leaving.map((pair, i) => trustLine(`leaving${i}@lab`, pair)).join('') +
  trustLine('eve@lab', revoked) +
  `old@lab namespaces="swarmlet",valid-before="20250101Z" ${expired.publicKey.text}\n`;

/** JSON is YAML. */
const config = {
  pool: 0,
  isolation: { minimum: 'P1' },
  policy: [
    { principals: ['operator@lab'], capabilities: ['trusted', 'deployment'] },
    { principals: ['alice@lab'], swarmlets: ['t-*'], limits: { reactionMs: 10_000 } },
    { principals: ['bob@lab'], swarmlets: ['bob-*'], actions: ['deploy', 'undeploy', 'observe'], limits: { memoryMiB: 64 } },
    { principals: ['leaving*'], swarmlets: ['leave-*'] },
    { principals: ['*@lab'], swarmlets: ['vault-*'], threshold: 2 },
  ],
};

/** Sends its number twenty times a second. */
export const CONTROL = `exports.setup = function () { this.output('tick', { type: 'number' }); };
exports.initialize = function () { var self = this; var n = 0; setInterval(function () { self.send('tick', n++); }, 50); };`;
/** Does nothing that could be noticed. */
export const QUIET =
  "exports.setup = function () { this.input('in'); this.output('out'); };\n\
exports.initialize = function () { var self = this; this.addInputHandler('in', function () { self.send('out', self.get('in')); }); };";

export interface AuditLine {
  readonly event: string;
  readonly code?: string;
  readonly swarmlet?: string;
  readonly principal?: string;
  readonly [name: string]: unknown;
}

/** A client on the wire that says what it is told to, after a proper authentication. */
export class Wire extends SocketClient {
  static async open(box: { readonly url: string; readonly id: string }, pair: KeyPair): Promise<Wire> {
    const wire = new Wire(box.url);
    const answer = await wire.call('authenticate', { envelope: await wire.introduction(box.id, pair) });
    if (answer.error) throw new Error(`${answer.error.data.code}: ${answer.error.message}`);
    return wire;
  }

  /** What `authenticate` takes: a statement over the nonce of this connection. */
  async introduction(boxId: string, pair: KeyPair): Promise<object> {
    const hello = (await this.notification('hello')).params as { readonly nonce: string; readonly time: string };
    const clientNonce = randomBytes(16).toString('base64');
    return sealed(
      { action: 'authenticate', ...commonFields(Math.max(Date.now(), Date.parse(hello.time)), [boxId]), nonce: hello.nonce, clientNonce },
      pair,
    );
  }

  /** The code of the error, or `done`. */
  async outcome(method: string, params: unknown): Promise<string> {
    return codeOf(await this.call(method, params));
  }

  /** The same for a deployment. */
  deploys(envelope: unknown): Promise<string> {
    return this.outcome('deploy', { envelope });
  }

  /** The same for a frame of this text; `id` is the one in it. */
  async says(text: string, id: unknown): Promise<string> {
    this.send(text);
    return codeOf(await this.message((message) => message.id === id, `the answer to ${text.slice(0, 100)}`));
  }
}

export function codeOf({ error }: Message): string {
  return error ? (error.data?.code ?? String(error.code)) : 'done';
}

/** Memory in MiB, open files and threads of a process. */
interface Footprint {
  readonly memoryMiB: number;
  readonly files: number;
  readonly threads: number;
}

function footprintOf(pid: number): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { memoryMiB: number('VmRSS') / 1024, files: readdirSync(`/proc/${pid}/fd`).length, threads: number('Threads') };
}

/** Linux tells of other processes; elsewhere the third invariant cannot be looked at. */
export const hasProcfs = existsSync('/proc/self/status');

/**
 * A box in a process of its own, with everything as an operator has it, a control swarmlet that runs all the time, and the five
 * invariants of THREATS.md to be checked after each attack.
 */
export class AttackedBox {
  readonly pid: number;
  readonly url: string;
  readonly admin: string;
  readonly id: string;
  readonly level: string;
  readonly folder: string;
  readonly child: ChildProcess;
  /** What it wrote on standard error. */
  stderr = '';
  readonly #remove: () => void;
  #watcher: Wire | undefined;
  #ticks = 0;
  #waiting: (() => void)[] = [];
  #baseline: Footprint | undefined;
  #linesSeen = 0;
  #markers = 0;
  #offsetMs = 0;
  #outside = '';
  readonly #wires: SocketClient[] = [];

  private constructor(child: ChildProcess, ready: Record<string, string>, folder: string, remove: () => void) {
    this.child = child;
    this.pid = child.pid as number;
    this.url = String(ready.deploy);
    this.admin = String(ready.admin);
    this.id = String(ready.id);
    this.level = String(ready.isolation);
    this.folder = folder;
    this.#remove = remove;
    child.stderr?.on('data', (data) => {
      this.stderr = (this.stderr + data).slice(-1_000_000);
    });
  }

  static async open(more: { readonly config?: object; readonly env?: NodeJS.ProcessEnv } = {}): Promise<AttackedBox> {
    const { path, remove } = folderWith({
      trusted_keys: trustedKeys,
      revoked_keys: `${revoked.publicKey.id}\n`,
      'box.yaml': JSON.stringify({ ...config, ...more.config }),
      'outside/secret': 'SECRET-MARKER',
    });
    const box = await AttackedBox.#start(path, remove, more.env);
    const control = await box.wire(operator);
    assert.is(await control.deploys(sealed(deployOf('control', 1, CONTROL, commonFields(box.clock)), operator)), 'done');
    await box.#watch();
    await box.#settle();
    return box;
  }

  /** Ends this one as it is told and starts another on its state; the control swarmlet comes back by itself. */
  async again(signal: NodeJS.Signals = 'SIGKILL', env: NodeJS.ProcessEnv = {}): Promise<AttackedBox> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    await within(gone, 'the end of the box');
    this.#watcher?.end();
    const box = await AttackedBox.#start(this.folder, this.#remove, env);
    await box.reaches('control', 'running');
    await box.#watch();
    await box.#settle();
    return box;
  }

  static async #start(folder: string, remove: () => void, env: NodeJS.ProcessEnv = {}): Promise<AttackedBox> {
    const flags = ['--trusted-keys', join(folder, 'trusted_keys'), '--revoked-keys', join(folder, 'revoked_keys')];
    const args = ['box', '--json', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--state', join(folder, 'state'), ...flags];
    const child = spawn(process.execPath, [cli, ...args, '--config', join(folder, 'box.yaml')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: folder, ...measurable, ...env },
    });
    const [line] = await within(firstLine(child), 'the first line of the box');
    const box = new AttackedBox(child, JSON.parse(line) as Record<string, string>, folder, remove);
    box.#offsetMs = Number(env.CLOCK_OFFSET_MS ?? 0);
    return box;
  }

  /** Hears the control swarmlet. */
  async #watch(): Promise<void> {
    this.#watcher = await this.wire(operator);
    this.#watcher.ws.on('message', (data) => {
      if (!String(data).includes('"output"')) return;
      this.#ticks++;
      for (const look of this.#waiting.splice(0)) look();
    });
    assert.is(await this.#watcher.outcome('subscribe', { swarmlet: 'control', outputs: true }), 'done');
    await this.#ticked(2);
  }

  /** Starts, talks and refuses once, so that what is loaded lazily is there before it is measured. */
  async #settle(): Promise<void> {
    const wire = await this.wire(alice);
    const sequence = Date.now(); // also of one that started before on this state
    assert.is(await wire.deploys(sealed(deployOf('t-first', sequence, QUIET, commonFields(this.clock)), alice)), 'done');
    for (let i = 0; i < 100; i++) await wire.deploys({ payload: i });
    assert.is(
      await wire.outcome('undeploy', {
        envelope: sealed({ action: 'undeploy', swarmlet: 't-first', sequence: sequence + 1, ...commonFields(this.clock) }, alice),
      }),
      'done',
    );
    for (const client of this.#wires.splice(0)) if (client !== this.#watcher) client.end();
    this.#linesSeen = (await this.audit()).length;
    this.#outside = this.#fingerprint();
    if (!hasProcfs) return;
    this.child.kill('SIGUSR2');
    for (let i = 0; i < 3; i++) await this.audit(); // by then it has collected
    this.#baseline = footprintOf(this.pid);
  }

  /** An authenticated connection, closed at the next check. */
  async wire(pair: KeyPair): Promise<Wire> {
    const wire = await Wire.open(this, pair);
    this.#wires.push(wire);
    return wire;
  }

  /** One that is not authenticated. */
  client(): Wire {
    const client = new Wire(this.url);
    this.#wires.push(client);
    return client;
  }

  /** Unix milliseconds, as the box has them, unless its clock is behind. */
  get clock(): number {
    return Date.now() + Math.max(0, this.#offsetMs);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** What the box has logged so far, record by record. */
  async audit(): Promise<AuditLine[]> {
    const wire = await Wire.open(this, operator);
    const marker = `marker${++this.#markers}-${randomBytes(4).toString('hex')}`;
    await wire.deploys({ payloadType: '', payload: '', signatures: [], [marker]: 1 });
    wire.end();
    const file = join(this.folder, 'state/audit.jsonl');
    // Records come in order: what was before the marker is there when it is.
    const lines = await polled(
      async () => readFileSync(file, 'utf8').trimEnd().split('\n'),
      (found) => found.some((line) => line.includes(marker)),
      'the record of a marker',
    );
    return lines.filter((line) => !/has no field .{0,4}marker/.test(line)).map((line) => JSON.parse(line) as AuditLine);
  }

  /** Names of the swarmlets that are not stopped. */
  async running(): Promise<string[]> {
    const wire = await this.wire(operator);
    const { swarmlets } = (await wire.call('list', {})).result as {
      readonly swarmlets: { readonly swarmlet: string; readonly state: string }[];
    };
    return swarmlets.filter(({ state }) => !['stopped', 'failed', 'completed'].includes(state)).map(({ swarmlet }) => swarmlet);
  }

  async status(swarmlet: string): Promise<Record<string, unknown>> {
    const wire = await this.wire(operator);
    return (await wire.call('status', { swarmlet })).result as Record<string, unknown>;
  }

  /** Resolves when a swarmlet is in this state; fails after ten seconds. */
  async reaches(swarmlet: string, ...states: readonly string[]): Promise<Record<string, unknown>> {
    return (await polled(
      () => this.status(swarmlet),
      (status) => states.includes(String(status?.state)),
      `${swarmlet} is ${states.join(' or ')}`,
    )) as Record<string, unknown>;
  }

  /** Runs the command of this checkout as somebody on this machine. */
  command(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin?: string) {
    const given = { PATH: process.env.PATH, HOME: this.folder, XDG_CONFIG_HOME: join(this.folder, 'config'), NO_COLOR: '1', ...env };
    return run(process.execPath, [cli, ...args], { env: given, cwd: this.folder, ...(stdin === undefined ? {} : { stdin }) });
  }

  /**
   * The five invariants of THREATS.md.
   * @param refused  I4: the codes of the records that the attempts of known keys must have left since the last check, no more and no less
   */
  async holds(refused: readonly string[] = []): Promise<void> {
    for (const client of this.#wires.splice(0)) if (client !== this.#watcher) client.end();
    await this.#answers();
    await this.#ticked(3);
    await this.#hasItsShape();
    await this.#told(refused);
    assert.is(this.#fingerprint(), this.#outside, 'I5: a file that decides about trust, or one outside of the state folder, has changed');
  }

  /** I1. */
  async #answers(): Promise<void> {
    assert.is(this.child.exitCode ?? this.child.signalCode, null, `I1: the box ended: ${this.stderr.slice(-2000)}`);
    const wire = await Wire.open(this, operator);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 20 && best >= 100; i++) {
      const began = performance.now();
      assert.is(await wire.outcome('status', { swarmlet: 'control' }), 'done');
      best = Math.min(best, performance.now() - began);
    }
    wire.end();
    assert.ok(best < 100, `I1: status took ${best.toFixed(0)} ms at best`);
  }

  /** I2: so many values more of the control swarmlet. */
  async #ticked(count: number): Promise<void> {
    const until = this.#ticks + count;
    await within(
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (this.#ticks >= until) resolve();
          else this.#waiting.push(look);
        };
        look();
      }),
      'I2: the control swarmlet still sends its values',
    );
  }

  /** I3. */
  async #hasItsShape(): Promise<void> {
    const baseline = this.#baseline;
    if (!baseline) return;
    await polled(
      async () => {
        this.child.kill('SIGUSR2');
        return footprintOf(this.pid);
      },
      ({ memoryMiB, files, threads }) =>
        memoryMiB <= baseline.memoryMiB * 1.1 && files <= Math.ceil(baseline.files * 1.1) && threads <= Math.ceil(baseline.threads * 1.1),
      `I3: memory, files and threads are as before, ${JSON.stringify(baseline)}`,
    );
  }

  /** I4. */
  async #told(refused: readonly string[]): Promise<void> {
    const all = await this.audit();
    const lines = all.slice(this.#linesSeen).filter(({ event }) => event === 'refused');
    this.#linesSeen = all.length;
    assert.equal(lines.map(({ code }) => code).sort(), [...refused].sort(), `I4: ${JSON.stringify(lines)}`);
    const text = readFileSync(join(this.folder, 'state/audit.jsonl'), 'utf8');
    const raw = [...text].find((letter) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(letter) && letter !== '\n');
    assert.is(raw, undefined, 'I4: a record has characters from outside as they came');
  }

  /** I5. */
  #fingerprint(): string {
    const files = ['trusted_keys', 'revoked_keys', 'box.yaml', 'outside/secret'].map((name) => join(this.folder, name));
    const hash = createHash('sha256');
    for (const file of files) hash.update(existsSync(file) ? readFileSync(file) : 'none');
    hash.update(readdirSync(join(this.folder, 'outside')).join());
    return hash.digest('hex');
  }

  /** What changed on purpose is how it is from now on. */
  changed(): void {
    this.#outside = this.#fingerprint();
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  async close(): Promise<void> {
    for (const client of this.#wires.splice(0)) client.end();
    this.#watcher?.end();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await within(gone, 'the end of the box').catch(() => this.child.kill('SIGKILL'));
    }
    rmSync(join(this.folder, 'state'), { recursive: true, force: true });
    this.#remove();
  }
}

async function firstLine(child: ChildProcess): Promise<[string]> {
  let complaint = '';
  child.stderr?.on('data', (data) => {
    complaint += data;
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      if (line.includes('"ready"')) resolve([line]);
      else complaint += line;
    });
    child.once('exit', (code) => reject(new Error(`the box ended with ${code}: ${complaint}`)));
  });
}

/** Looks again and again, until it fits or ten seconds are over. */
export async function polled<T>(look: () => Promise<T>, fits: (value: T) => boolean, what: string): Promise<T> {
  const until = performance.now() + 30_000;
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
    if (performance.now() > until) throw new Error(`Not within 30 s: ${what}; it is ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export { commonFields, deployOf, sealed };
