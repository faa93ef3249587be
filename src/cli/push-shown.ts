import type { Deployed, Status } from '../client/index.ts';
import type { Closure, Delivered } from '../push/index.ts';
import type { Arguments } from './arguments.ts';
import type { Presentation } from './each-box.ts';
import type { Io } from './io.ts';
import { bytes, plain } from './text.ts';

/** The steps of a push before it is sent, for a person who watches. */
export interface Progress {
  collected(closure: Closure): void;
  signing(swarmlet: string, keyId: string): void;
}

export function progressOf(args: Arguments, io: Io): Progress {
  const tell = io.attended && !args.flag('json') ? (line: string): void => io.tell(plain(line)) : (): void => {};
  return {
    collected: ({ main, files }) => {
      const size = [...files.values()].reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      tell(`${main}: ${files.size} ${files.size === 1 ? 'file' : 'files'}, ${bytes(size)}`);
    },
    signing: (swarmlet, keyId) => tell(`Signing the deployment of ${swarmlet} with ${keyId}`),
  };
}

/** How a statement that was signed before went. */
export type Submitted = Deployed | Status;

/** `lamp 1.0.1 running on BOX` */
export function delivered(target: string, { swarmlet, version, state, digest }: Submitted): string {
  return plain(`${swarmlet} ${version ?? ''} ${state} on ${target} (${(digest ?? '').slice(0, 19)})`);
}

/** `lamp 1.0.1 running on BOX`, and on a terminal when each step was done. */
export function delivery(io: Io): Presentation<Delivered> {
  return {
    json: (delivered) => delivered,
    lines: (answers) =>
      answers.flatMap(({ target, value }) => {
        const head = delivered(target, value as Submitted);
        const steps = io.columns === undefined ? [] : timelineOf(value.timeline ?? {});
        return steps.length === 0 ? [head] : [head, `  ${steps.join(', ')}`];
      }),
  };
}

/** `verified 0.4 ms, stored 1.2 ms, ...` since the box received it. */
function timelineOf({ receivedAt, ...later }: NonNullable<Delivered['timeline']>): string[] {
  const from = instant(receivedAt);
  return Object.entries(later).flatMap(([step, at]) => {
    const ms = instant(at) - from;
    return Number.isNaN(ms) ? [] : [plain(`${step.replace(/At$/, '')} ${ms.toFixed(1).replace(/\.0$/, '')} ms`)];
  });
}

function instant(at: string | number | null | undefined): number {
  return typeof at === 'number' ? at : Date.parse(at ?? '');
}
