import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { BoxConnection, Signed } from '../../src/client/index.ts';
import { generateKeyPair } from '../../src/envelope/index.ts';
import { BenchBox, cpuSecondsOf } from './box.ts';
import { pushOnce, swarmlet } from './push.ts';
import { atMost, median, quantile, type Row, spreadOf, type Workload } from './workload.ts';

/** Connections that share the load: each may have a hundred statements refused a second, and is told to wait beyond. */
const CONNECTIONS = 12;
const PER_SECOND = 1000;
/** Sent without a pause at most. */
const BURST = 50;
/** A box that falls behind is not sent more until it has answered: the rest in one go would be more a second than a connection may have refused. */
const UNANSWERED = 600;
/** Who floods a box does so for longer than it takes to compile what refuses: that takes half of the time in the first seconds. */
const WARM_MS = 10_000;
/** A machine that is too slow for the load must still come to an end: the rest of the pushes is not waited for. */
const PUSHES_MS = 15_000;

/** One that was not signed by the key that it names. */
function forged(signed: Signed): Signed {
  const envelope = JSON.parse(JSON.stringify(signed.envelope)) as { signatures: { sig: string }[] };
  for (const signature of envelope.signatures) signature.sig = flipped(signature.sig);
  return { ...signed, envelope };
}

/** Another bit near the end, where the signature itself is. */
function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const at = bytes.length - 20;
  bytes[at] = (bytes[at] as number) ^ 1;
  return bytes.toString('base64');
}

/** What came of the statements that were sent to be refused. */
class Load {
  readonly codes = new Map<string, number>();
  #over = false;
  #unanswered = 0;
  readonly #sending: Promise<void>;
  readonly #answers: Promise<void>[] = [];

  constructor(connections: readonly BoxConnection[], envelopes: readonly Signed[]) {
    this.#sending = this.#send(connections, envelopes);
  }

  async #send(connections: readonly BoxConnection[], envelopes: readonly Signed[]): Promise<void> {
    for (let due = 0, at = performance.now(); !this.#over; await pause(5)) {
      const now = performance.now();
      due = Math.min(due + ((now - at) / 1000) * PER_SECOND, BURST); // what a slow machine missed is not made up for: the box would say RATE_LIMITED
      at = now;
      for (; due >= 1 && this.#unanswered < UNANSWERED; due--) {
        const i = this.#answers.length % connections.length;
        this.#unanswered++;
        const answer = (connections[i] as BoxConnection).deploy(envelopes[i] as Signed);
        this.#answers.push(
          answer.then(
            () => this.#count('accepted'),
            (error: { code: string }) => this.#count(error.code),
          ),
        );
      }
    }
  }

  #count(code: string): void {
    this.#unanswered--;
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }

  /**
   * Sends no more; resolves when all is answered.
   * @throws Error unless every one was refused with that code
   */
  async end(code: string): Promise<void> {
    this.#over = true;
    await this.#sending;
    await Promise.all(this.#answers);
    const others = [...this.codes].filter(([other]) => other !== code);
    if (others.length > 0) throw new Error(`not all was refused as ${code}: ${others.map(([other, n]) => `${n} x ${other}`).join(', ')}`);
  }
}

/** Refused statements: what they cost the box, and whoever pushes meanwhile. */
export const refuse: Workload = {
  name: 'refuse',
  title: 'A box that refuses 1,000 envelopes a second; processor time is that of the box alone, for 1,000 refusals',
  async run({ short, wants, step }) {
    const seconds = short ? 1 : 5;
    const box = await BenchBox.start();
    try {
      const good = await box.connect();
      await good.subscribe('bench', { outputs: true });
      const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => box.connect()));
      const stranger = generateKeyPair();
      const signed = (to: BoxConnection) => box.signed(to, 'refused', { 'Bench.js': swarmlet(1000) }, stranger);
      const own = (to: BoxConnection) => box.signed(to, 'refused', { 'Bench.js': swarmlet(1000) });
      const kinds: [string, (to: BoxConnection) => Promise<Signed>, string, number][] = [
        ['a key that is not known', signed, 'UNTRUSTED_KEY', 25],
        ['a signature that does not fit', async (to) => forged(await own(to)), 'BAD_SIGNATURE', 40],
      ];
      const rows: Row[] = [];
      for (const [name, make, code, percent] of kinds) {
        if (!wants(name)) continue;
        step(name);
        await pause(3000); // what each connection may have refused at once is there again
        const load = new Load(connections, await Promise.all(connections.map(make)));
        await pause(short ? 500 : WARM_MS);
        const refusedBefore = load.codes.get(code) ?? 0;
        const before = cpuSecondsOf(box.pid);
        const begun = performance.now();
        await pause(seconds * 1000);
        const elapsed = (performance.now() - begun) / 1000;
        const used = cpuSecondsOf(box.pid) - before;
        const refused = (load.codes.get(code) ?? 0) - refusedBefore;
        const times: number[] = [];
        const until = performance.now() + PUSHES_MS;
        for (let i = 0; i < (short ? 3 : 15) && performance.now() < until; i++) {
          await pause(400); // a spare is made meanwhile
          times.push(await pushOnce(box, good, 'bench', { 'Bench.js': swarmlet(3000, i) }));
        }
        await load.end(code);
        rows.push(
          { name: `${name}: refused as ${code}`, unit: 'a second', own: refused / elapsed, spread: 0 },
          {
            name: `${name}: processor at 1,000 a second`,
            unit: '% of a core',
            own: (used / refused) * PER_SECOND * 100,
            spread: 0,
            target: atMost(percent),
          },
          { name: `${name}: a good push meanwhile, median`, unit: 'ms', own: median(times), spread: spreadOf(times) },
          { name: `${name}: a good push meanwhile, p95`, unit: 'ms', own: quantile(times, 0.95), spread: 0, target: atMost(50) },
        );
      }
      for (const connection of [good, ...connections]) connection.close();
      return rows;
    } finally {
      await box.stop();
    }
  },
};
