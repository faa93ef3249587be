import type { SupervisorOptions } from './options.ts';

/** What the statement says about starting again (PROTOCOL 3, `run`), with its defaults filled in. */
export interface RunPolicy {
  readonly for: 'forever' | 'once' | { readonly ms: number };
  readonly restart: 'always' | 'on-failure' | 'never';
}

type Pace = Pick<SupervisorOptions, 'periodMs' | 'backoffMs' | 'longestBackoffMs'> & { readonly restarts: number };

/** The restarts of one version, kept by whoever restarts it. Times are Unix milliseconds. */
export interface RestartHistory {
  /** Starts since it last ran well. */
  readonly attempt: number;
  /** When it was last restarted, the oldest first; no more than are allowed. */
  readonly restartedAt: readonly number[];
}

export type Verdict =
  | { readonly kind: 'rest' }
  | { readonly kind: 'restart'; readonly delayMs: number; readonly history: RestartHistory }
  | { readonly kind: 'crash-loop' };

/**
 * Whether a swarmlet that ended is started again, and after which wait: back-off doubles with each start until the
 * swarmlet has run for a whole period (PROTOCOL 7, `restarts`).
 * @param ranMs  how long it ran before it ended; 0 if it did not start
 */
export function afterEnd(
  end: 'completed' | 'failed',
  policy: RunPolicy,
  history: RestartHistory,
  ranMs: number,
  now: number,
  options: Pace,
): Verdict {
  const wanted = policy.restart === 'always' || (policy.restart === 'on-failure' && end === 'failed');
  if (!wanted || (end === 'completed' && policy.for === 'once')) return { kind: 'rest' };
  const restartedAt = history.restartedAt.filter((at) => now - at < options.periodMs);
  if (restartedAt.length >= options.restarts) return { kind: 'crash-loop' };
  const attempt = ranMs >= options.periodMs ? 1 : history.attempt + 1;
  const delayMs = Math.min(options.backoffMs * 2 ** (attempt - 1), options.longestBackoffMs);
  return { kind: 'restart', delayMs, history: { attempt, restartedAt: [...restartedAt, now] } };
}
