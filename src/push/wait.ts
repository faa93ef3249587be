import type { BoxConnection } from '../client/index.ts';
import { pushErrors } from './errors.ts';
import { type StateWatch, statusIfAny, type VersionState } from './state-watch.ts';

const probationMsDefault = 10_000; // PROTOCOL 7

/** Waits until a version that runs has lasted through its probation. @throws CodedError ENDED_EARLY */
export async function untilHealthy(watch: StateWatch, connection: BoxConnection, swarmlet: string, signal?: AbortSignal): Promise<void> {
  const status = await statusIfAny(connection, swarmlet);
  const probation = Number(status?.limits?.probationMs ?? probationMsDefault);
  const over = AbortSignal.timeout(probation);
  let ended: VersionState;
  try {
    ended = await watch.until(({ state }) => state !== 'running', signal ? AbortSignal.any([over, signal]) : over);
  } catch (error) {
    if (over.aborted && !signal?.aborted) return;
    throw error;
  }
  if (ended.state !== 'completed') throw pushErrors.ENDED_EARLY(swarmlet, ended.state, ended.reason);
}

/**
 * Waits until a version has wrapped up by itself, or its time is over; restarts are waited through.
 * @throws CodedError ENDED_EARLY
 */
export async function untilCompleted(watch: StateWatch, connection: BoxConnection, swarmlet: string, signal?: AbortSignal): Promise<void> {
  const going = ['staged', 'starting', 'running', 'stopping', 'backoff'];
  for (;;) {
    const { state, reason } = await watch.until((one) => !going.includes(one.state), signal);
    if (state === 'completed' || state === 'expired') return;
    // `failed` is followed by `backoff` when it is to be started again.
    const now = await statusIfAny(connection, swarmlet);
    if (state !== 'failed' || !now || !going.includes(now.state)) throw pushErrors.ENDED_EARLY(swarmlet, state, reason);
    await watch.until((one) => one.state !== 'failed', signal);
  }
}
