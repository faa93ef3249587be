import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../../hosts/common/index.ts';
import type { BoxConnection, Status } from '../client/index.ts';
import type { Target } from '../discovery/index.ts';
import type { Arguments } from './arguments.ts';
import type { Action } from './command.ts';
import { durationMs } from './duration.ts';
import { errorJson } from './error-line.ts';
import { exit, exitCodeOf, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { Session } from './session.ts';
import { stateStyle } from './style.ts';
import { age, fit, jsonLine, plain, table, timeOfDay } from './text.ts';

const INTERVAL_MS = 2000;
const SHORTEST_MS = 250;

/** What runs, what uses most first; on a terminal again and again in the same place, in a pipe once. */
export const top: Action = async (args, io) => {
  const intervalMs = intervalOf(args);
  const isScreen = io.columns !== undefined && io.env.TERM !== 'dumb' && !args.flag('json');
  const times = timesOf(args) ?? (io.columns === undefined ? 1 : Number.POSITIVE_INFINITY);
  const session = new Session(args, io);
  const boxes = (await session.targets()).map((target) => new Watched(target, session));
  let isEntered = false;
  try {
    for (let time = 1; ; time++) {
      await Promise.all(boxes.map((box) => box.look()));
      const lost = boxes.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
      if (time === 1 && lost.length === boxes.length) throw lost[0]; // nothing to show, and nothing was shown
      if (isScreen && !isEntered) io.print(screen.enter);
      isEntered = isScreen;
      if (args.flag('json')) io.print(jsonLine({ at: new Date().toISOString(), boxes: boxes.map((box) => box.json()) }));
      else if (isScreen)
        io.print(
          screen.frame(
            linesOf(boxes, io)
              .slice(0, (io.rows ?? 24) - 1)
              .map((line) => fit(line, io.columns ?? 80)),
          ),
        );
      else for (const line of linesOf(boxes, io)) io.print(line);
      if (time >= times) return lost.length > 0 ? exitCodeOf(lost[0]) : exit.done;
      await pause(intervalMs, undefined, { signal: session.signal });
    }
  } catch (error) {
    if (io.signal.aborted) return exit.interrupted;
    throw session.signal.aborted ? session.signal.reason : error;
  } finally {
    if (isEntered) io.print(screen.leave);
    for (const box of boxes) box.close();
  }
};

/** @throws USAGE */
function intervalOf(args: Arguments): number {
  const text = args.text('interval');
  const ms = text === undefined ? INTERVAL_MS : durationMs('--interval', text);
  if (ms < SHORTEST_MS) throw usageError(`--interval takes ${SHORTEST_MS}ms or more, got '${text}'`);
  return ms;
}

/** @throws USAGE */
function timesOf(args: Arguments): number | undefined {
  const text = args.text('count');
  if (text !== undefined && !/^[1-9]\d{0,8}$/.test(text)) throw usageError(`--count takes a number of 1 or more, got '${text}'`);
  return text === undefined ? undefined : Number(text);
}

/** The other screen of a terminal, without a cursor; what was there before comes back. */
const screen = {
  enter: '\x1b[?1049h\x1b[?25l',
  leave: '\x1b[?25h\x1b[?1049l',
  frame: (lines: readonly string[]): string => `\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\n')}\x1b[J`,
};

/** One box: what runs there now, and how many messages a second. */
class Watched {
  readonly name: string;
  list: readonly Status[] = [];
  /** Why it does not tell. */
  failure: unknown;
  readonly #target: Target;
  readonly #session: Session;
  #connection: BoxConnection | undefined;
  #counts = new Map<string, number>();
  #rates = new Map<string, number>();
  #at = 0;

  constructor(target: Target, session: Session) {
    this.name = target.name;
    this.#target = target;
    this.#session = session;
  }

  /** Asks once; a box that was lost is connected to again. */
  async look(): Promise<void> {
    try {
      if (this.#connection?.ended) this.#connection = undefined;
      this.#connection ??= await this.#session.connect(this.#target);
      this.#take(await this.#connection.list());
      this.failure = undefined;
    } catch (error) {
      if (this.#session.signal.aborted) throw error;
      this.failure = error;
      this.list = [];
    }
  }

  #take(list: readonly Status[]): void {
    const now = performance.now();
    const seconds = (now - this.#at) / 1000;
    const counts = new Map(list.map(({ swarmlet, usage }) => [swarmlet, (usage?.messagesIn ?? 0) + (usage?.messagesOut ?? 0)]));
    this.#rates = new Map();
    for (const [swarmlet, count] of counts) {
      const before = this.#counts.get(swarmlet);
      if (before !== undefined) this.#rates.set(swarmlet, Math.max(0, count - before) / seconds);
    }
    this.#counts = counts;
    this.#at = now;
    this.list = [...list].sort((a, b) => (b.usage?.cpuPercent ?? 0) - (a.usage?.cpuPercent ?? 0) || memoryOf(b) - memoryOf(a));
  }

  /** Undefined before the second look. */
  rate({ swarmlet }: Status): number | undefined {
    return this.#rates.get(swarmlet);
  }

  json(): object {
    if (this.failure !== undefined) return { box: this.name, error: errorJson(this.failure) };
    return { box: this.name, swarmlets: this.list.map((status) => ({ ...status, messagesPerSecond: this.rate(status) })) };
  }

  close(): void {
    this.#connection?.close();
  }
}

function memoryOf({ usage }: Status): number {
  return usage?.memoryMiB ?? 0;
}

const headings = ['NAME', 'STATE', 'CPU', 'MEMORY', 'MESSAGES', 'SINCE', 'VERSION', 'BY', 'REASON'] as const;

function linesOf(boxes: readonly Watched[], io: Io): string[] {
  const several = boxes.length > 1;
  const now = Date.now();
  const rows = boxes.flatMap((box) => box.list.map((status) => [...(several ? [box.name] : []), ...row(status, box.rate(status), now)]));
  const problems = boxes.flatMap(({ name, failure }) => (failure === undefined ? [] : [plain(`${name}: ${errorText(failure)}`)]));
  const shown = several ? ['BOX', ...headings] : headings;
  return [summary(boxes), ...problems, '', ...(rows.length > 0 ? table(shown, rows, io.columns, stateStyle(io)) : ['Nothing runs there.'])];
}

function summary(boxes: readonly Watched[]): string {
  const all = boxes.flatMap(({ list }) => list);
  const sum = (of: (status: Status) => number): number => all.reduce((total, status) => total + of(status), 0);
  const running = all.filter(({ state }) => state === 'running').length;
  const failed = all.filter(({ state }) => state === 'failed' || state === 'backoff').length;
  const parts = [
    timeOfDay(new Date().toISOString()).slice(0, 8),
    `${running} of ${all.length} running`,
    ...(failed > 0 ? [`${failed} failing`] : []),
    `CPU ${sum(({ usage }) => usage?.cpuPercent ?? 0).toFixed(1)}%`,
    `memory ${sum(memoryOf).toFixed(1)} MiB`,
  ];
  return parts.join(', ');
}

function row(status: Status, rate: number | undefined, now: number): string[] {
  const { swarmlet, state, usage, since, version, principal, reason } = status;
  return [
    swarmlet,
    state,
    `${(usage?.cpuPercent ?? 0).toFixed(1)}%`,
    `${memoryOf(status).toFixed(1)} MiB`,
    rate === undefined ? '-' : `${rate.toFixed(rate < 10 ? 1 : 0)}/s`,
    age(since ?? undefined, now),
    version ?? '-',
    principal ?? '-',
    reason ?? '',
  ];
}
