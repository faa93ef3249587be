import type { Schedule } from './carrier.ts';

/**
 * Checks in a row that a swarmlet at rest may be spared. One that never ran since cannot be stuck, but it may have called
 * between its answer and our look at it what does not return: then it is asked after all, unless the system knows better.
 */
const RESTS = 6;

/** Of the time in which it did not answer; one that ran less was not busy, but in a call that does not return. */
const BLOCKED_SHARE = 0.1;

/** Why no answer comes: it runs without end, or it waits for something that is no event. */
export type Silence = 'stuck' | 'blocked';

/**
 * Tells whether the event loop of a child is stuck: it was asked, and did not answer for `reactionMs`. A child whose main
 * thread did not run at all since it last answered is at rest and is asked rarely, so idle ones cost next to nothing.
 */
export class Heartbeat {
  /** Between two questions: with a look each fifth of the limit, what is stuck is found within 1.7 times the limit. */
  readonly #intervalMs: number;
  readonly #limitMs: number;
  #id = 0;
  #askedAt = -Infinity;
  #answered = true;
  #extended = false;
  #before: Schedule | undefined;
  #ranAtAnswer = -1;
  /** How long it had run when it was seen asleep in its event loop. */
  #asleepAt = -1;
  #rests = 0;
  #lagMs: number | undefined;

  constructor(reactionMs: number) {
    this.#limitMs = reactionMs;
    this.#intervalMs = reactionMs / 2;
  }

  /**
   * The id of the question that is to be asked now, why none is answered any more, or nothing.
   * @param schedule  that of now, if it is known
   * @param busy      it was given something to do, so it cannot be at rest
   * @param awaitsEvents  asks the system whether it sleeps in its event loop; false: not known
   */
  check(now: number, schedule: Schedule | undefined, busy: boolean, awaitsEvents = (): boolean => false): number | Silence | undefined {
    if (!this.#answered) return this.#silenceOf(now, schedule);
    if (now - this.#askedAt < this.#intervalMs) return undefined;
    const isAtRest = !busy && schedule !== undefined && schedule.ran === this.#ranAtAnswer;
    if (isAtRest && (this.#rests < RESTS || this.#sleeps(schedule.ran, awaitsEvents))) {
      this.#rests++;
      this.#askedAt = now; // as good as an answer
      return undefined;
    }
    this.#rests = 0;
    this.#answered = false;
    this.#extended = false;
    this.#askedAt = now;
    this.#before = schedule;
    return ++this.#id;
  }

  /** A thread that was seen asleep in its event loop and did not run since is there still. */
  #sleeps(ran: number, awaitsEvents: () => boolean): boolean {
    if (this.#asleepAt !== ran && awaitsEvents()) this.#asleepAt = ran;
    return this.#asleepAt === ran;
  }

  /** False: nobody asked that. `schedule` is that of now, if it is known. */
  answer(id: number, now: number, schedule: Schedule | undefined): boolean {
    if (this.#answered || id !== this.#id) return false;
    this.#answered = true;
    this.#lagMs = now - this.#askedAt;
    this.#ranAtAnswer = schedule?.ran ?? -1;
    return true;
  }

  /** How long the last answer took, or the next one has been waited for if that is longer, in ms; undefined before the first. */
  lagMs(now: number): number | undefined {
    return this.#answered ? this.#lagMs : Math.max(this.#lagMs ?? 0, now - this.#askedAt);
  }

  /** It was asked, and has not answered yet. */
  get silent(): boolean {
    return !this.#answered;
  }

  /** Milliseconds until what is silent counts as stuck. */
  patience(now: number): number {
    return Math.max(1, this.#askedAt + this.#limitMs - now);
  }

  /** One that had no processor, since others took it, is given the same time once more. */
  #silenceOf(now: number, schedule: Schedule | undefined): Silence | undefined {
    if (now - this.#askedAt < this.#limitMs) return undefined;
    if (!schedule || !this.#before) return 'stuck';
    const waitedMs = (schedule.waited - this.#before.waited) / 1e6;
    if (!this.#extended && waitedMs >= this.#limitMs / 2) {
      this.#extended = true;
      this.#askedAt = now;
      return undefined;
    }
    const ranMs = (schedule.ran - this.#before.ran) / 1e6;
    return ranMs + waitedMs < this.#limitMs * BLOCKED_SHARE ? 'blocked' : 'stuck';
  }
}
