import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { BoxConnection, Signed } from '../../src/client/index.ts';
import { generateKeyPair } from '../../src/envelope/index.ts';
import { BenchBox, useOf } from './box.ts';
import { pushOnce, swarmlet } from './push.ts';
import { atMost, quantile, type Row, type Workload } from './workload.ts';

/** Connections that share the load: each may have a hundred statements refused a second, and is told to wait beyond. */
const CONNECTIONS = 12;
const PER_SECOND = 1000;
/** Sent without a pause at most. */
const BURST = 50;

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

/** Refused statements: what they cost the box, and whoever pushes meanwhile. */
export const refuse: Workload = {
  name: 'refuse',
  title: 'A box that refuses 1,000 envelopes a second',
  async run({ short, step }) {
    const seconds = short ? 1 : 5;
    const box = await BenchBox.start(2);
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
        step(name);
        await pause(3000); // what each connection may have refused at once is there again
        const envelopes = await Promise.all(connections.map(make));
        const codes = new Map<string, number>();
        let over = false;
        const load = async (): Promise<void> => {
          for (let sent = 0, from = performance.now(); !over; ) {
            // A machine that cannot send so many must still get to the rest; the row of refusals shows it.
            for (let more = BURST; more > 0 && sent < ((performance.now() - from) / 1000) * PER_SECOND; more--, sent++) {
              const i = sent % CONNECTIONS;
              (connections[i] as BoxConnection).deploy(envelopes[i] as Signed).catch((error: { code: string }) => {
                codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
              });
            }
            await pause(5);
          }
        };
        const loading = load();
        await pause(500);
        const refusedBefore = codes.get(code) ?? 0;
        const before = useOf(box.pid).cpuSeconds;
        const begun = performance.now();
        await pause(seconds * 1000);
        const elapsed = (performance.now() - begun) / 1000;
        const used = useOf(box.pid).cpuSeconds - before;
        const refused = ((codes.get(code) ?? 0) - refusedBefore) / elapsed;
        const times: number[] = [];
        for (let i = 0; i < (short ? 3 : 15); i++) {
          await pause(200);
          times.push(await pushOnce(box, good, 'bench', { 'Bench.js': swarmlet(3000, i) }));
        }
        over = true;
        await loading;
        rows.push(
          { name: `${name}: refused as ${code}`, unit: 'a second', own: refused, spread: 0 },
          { name: `${name}: processor`, unit: '% of a core', own: (used / elapsed) * 100, spread: 0, target: atMost(percent) },
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
