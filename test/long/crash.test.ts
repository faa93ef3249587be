import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyAudit } from '../../src/audit/index.ts';
import { type BoxConnection, connect, keyPairSigner } from '../../src/client/index.ts';
import { auditFiles } from '../../src/store/index.ts';
import { folderWith } from '../support/folder.ts';
import { isLong, progress } from '../support/long.ts';
import { descendants, isAlive, type ProcessId, type RealBox, realBox } from '../support/real-box.ts';
import { alice } from '../support/service.ts';
import { deployOf, sealed, trustLine } from '../support/signed.ts';

const it = suite('a box that is killed');
const points = isLong ? 200 : 10;
const LIMIT_MS = 20_000;

// On a busy machine a box takes long to start, and a version gets its place back only while the probation of the next one lasts.
const config = JSON.stringify({ limits: { probationMs: 60_000 } });
const folder = folderWith({ trusted_keys: trustLine('alice@lab', alice), revoked_keys: '', 'box.json': config });
const state = join(folder.path, 'state');
let box: RealBox | undefined;
it.after(async () => {
  await box?.end('SIGKILL');
  folder.remove();
});

/** Sends its number again and again, plus a fraction that no other isolate has; a bad one throws soon after it runs. */
const code = (number: number, bad: boolean): string => `
  exports.setup = function () { this.output('number'); };
  exports.initialize = function () {
    const value = ${number} + Math.random();
    setInterval(() => this.send('number', value), 10);
    ${bad ? "setTimeout(() => { Promise.reject(new Error('no good')); }, 30);" : ''}
  };`;

/** What a box should have for a name: the number of the version that runs; null where none does. */
interface Wish {
  readonly sequence: number;
  readonly runs: number | null;
}

type Kind = 'deploy' | 'upgrade' | 'bad upgrade' | 'rollback' | 'teardown';
const kinds: readonly Kind[] = ['deploy', 'upgrade', 'bad upgrade', 'rollback', 'teardown'];

/** In every other round the answer is waited for, and the kill comes some time within this. */
const AFTER_MS = 120;

/** How long each takes when nobody interferes, so that the kills of the other rounds are spread over all of it. */
const lastsMs: Record<Kind, number> = { deploy: 150, upgrade: 150, 'bad upgrade': 250, rollback: 150, teardown: 60 };

/** One name on the box, its versions by number, and what was asked for last. */
class Story {
  readonly name: string;
  readonly digests = new Map<number, string>();
  wish: Wish = { sequence: 0, runs: null };

  constructor(name: string) {
    this.name = name;
  }

  /** Sends a statement; resolves when it is answered. */
  async tell(connection: BoxConnection, kind: Kind): Promise<Wish> {
    const sequence = this.wish.sequence + 1;
    const { name: swarmlet } = this;
    switch (kind) {
      case 'deploy':
      case 'upgrade':
      case 'bad upgrade': {
        const statement = deployOf(swarmlet, sequence, code(sequence, kind === 'bad upgrade'), { audience: [connection.box.id] });
        const { digest } = await connection.deploy({
          envelope: sealed(statement, alice),
          payload: Buffer.from(JSON.stringify(statement)),
        } as never);
        this.digests.set(sequence, digest);
        return this.after(kind);
      }
      case 'rollback': {
        const [before] = [...this.digests.keys()].filter((number) => number !== this.wish.runs);
        await connection.change({ action: 'rollback', swarmlet, to: this.digests.get(before as number) as string } as never);
        return { sequence, runs: before as number };
      }
      case 'teardown':
        await connection.change({ action: 'undeploy', swarmlet });
        return { sequence, runs: null };
    }
  }

  /** What is to be when a statement is carried out. */
  after(kind: Kind): Wish {
    const sequence = this.wish.sequence + 1;
    switch (kind) {
      case 'deploy':
      case 'upgrade':
        return { sequence, runs: sequence };
      case 'bad upgrade':
        return { sequence, runs: this.wish.runs };
      case 'rollback':
        return { sequence, runs: [...this.digests.keys()].find((number) => number !== this.wish.runs) ?? null };
      case 'teardown':
        return { sequence, runs: null };
    }
  }
}

async function within<T>(promise: Promise<T>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(what())), LIMIT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function open(url: string): Promise<BoxConnection> {
  return connect(url, { signer: keyPairSigner(alice) });
}

/** Resolves when the box does what one of the wishes says, and gives that wish; a bad version has failed then. */
async function settled(connection: BoxConnection, { name }: Story, wishes: readonly Wish[], kind: Kind): Promise<Wish> {
  let seen = '';
  const look = async (): Promise<Wish> => {
    for (;;) {
      const status = (await connection.list()).find(({ swarmlet }) => swarmlet === name);
      const newest = status && (await connection.history(name))[0];
      seen = `${status?.version} ${status?.state} at ${status?.sequence}, the newest is ${newest?.version} ${newest?.state}`;
      const runs = status?.state === 'running' ? Number(String(status.version).split('.')[2]) : null;
      const isSettled = status === undefined || ['running', 'stopped'].includes(status.state);
      const isTried = kind !== 'bad upgrade' || newest?.version !== `1.0.${wishes.at(-1)?.sequence}` || newest.state === 'failed';
      const fits = wishes.find((wish) => wish.sequence === (status?.sequence ?? 0) && wish.runs === runs);
      if (fits && isSettled && isTried) return fits;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return within(look(), () => `${name} is ${seen}, expected one of ${JSON.stringify(wishes)}; ${box?.log().slice(0, 3000)}`);
}

/** Watches a running swarmlet: its next values come from that version alone, in one isolate. */
async function speaksAlone(connection: BoxConnection, { name }: Story, number: number): Promise<void> {
  const values: unknown[] = [];
  const enough = new Promise<void>((resolve) => {
    connection.on('output', ({ swarmlet, value }) => {
      if (swarmlet === name && values.push(value) >= 8) resolve();
    });
  });
  await connection.subscribe(name, { outputs: true });
  await within(enough, () => `${name} sends nothing`);
  const [value, ...others] = new Set(values as number[]);
  assert.equal([Math.floor(value as number), others], [number, []], 'another isolate speaks too');
}

/** Once the box is gone nothing that it started is left. */
async function allGone(processes: readonly ProcessId[]): Promise<void> {
  const look = async (): Promise<void> => {
    while (processes.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await within(look(), () => `${processes.filter(isAlive).length} processes outlived the box`);
}

it(`is as before or as after each of ${points} kills, and runs nothing twice (D13, R14)`, async () => {
  const files = ['--config', join(folder.path, 'box.json'), '--trusted-keys', join(folder.path, 'trusted_keys')];
  const start = (): Promise<RealBox> => realBox('--state', state, ...files, '--pool', '1');
  const outcomes = { before: 0, after: 0, answered: 0 };
  let story = new Story('lamp-0');
  box = await start();
  let connection = await open(box.url);
  for (let point = 0; point < points; point++) {
    const kind = kinds[point % kinds.length] as Kind;
    if (kind === 'deploy') {
      // The one before it is taken off, so that the box has always one that may run.
      if (story.wish.runs !== null) story.wish = await story.tell(connection, 'teardown');
      story = new Story(`lamp-${point}`);
    } else if (story.wish.runs === null) story.wish = await story.tell(connection, 'deploy');
    if (kind === 'rollback' && story.digests.size < 2) story.wish = await story.tell(connection, 'upgrade');
    const [before, after] = [story.wish, story.after(kind)];
    const round = Math.floor(point / kinds.length);
    const share = Math.floor(round / 2) / Math.max(1, Math.ceil(points / kinds.length / 2) - 1);
    const began = Date.now();
    let answered: Wish | undefined;
    const told = story.tell(connection, kind).then(
      (wish) => {
        answered = wish;
        lastsMs[kind] = Math.max(20, Date.now() - began);
      },
      () => {}, // the connection broke: nobody knows yet what came of it
    );
    if (round % 2 === 1) await told;
    await new Promise((resolve) => setTimeout(resolve, share * (round % 2 === 1 ? AFTER_MS : lastsMs[kind])));
    const acknowledged = answered;
    const processes = descendants(box.pid);
    await box.end('SIGKILL');
    connection.close();
    await told;
    await allGone(processes);
    box = await start();
    connection = await open(box.url);
    const found = await settled(connection, story, acknowledged ? [after] : [before, after], kind);
    story.wish = found;
    if (found.sequence === after.sequence && ['deploy', 'upgrade', 'bad upgrade'].includes(kind)) {
      const [newest] = await connection.history(story.name);
      assert.equal([newest?.version, newest?.state], [`1.0.${after.sequence}`, kind === 'bad upgrade' ? 'failed' : 'running']);
      if (kind !== 'bad upgrade') story.digests.set(after.sequence, newest?.digest as string);
    }
    if (kind === 'bad upgrade') story.digests.delete(after.sequence);
    if (found.runs !== null) await speaksAlone(connection, story, found.runs);
    outcomes[found.sequence === after.sequence ? 'after' : 'before']++;
    if (acknowledged) outcomes.answered++;
    if ((point + 1) % 10 === 0) progress(`${point + 1} kills: ${JSON.stringify(outcomes)}`);
  }
  connection.close();
  await box.end('SIGTERM');
  const finding = await verifyAudit(auditFiles(state), undefined, true);
  assert.equal(finding.faults, []);
  progress(`${points} kills, ${JSON.stringify(outcomes)}, ${finding.records} records of the audit are whole`);
  assert.ok(outcomes.before > 0 && outcomes.answered >= points / 2, `the kills are not spread: ${JSON.stringify(outcomes)}`);
});

it.run();
