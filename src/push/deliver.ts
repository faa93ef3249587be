import { CodedError } from '../../hosts/common/index.ts';
import type { BoxConnection, Deployed, Signed, Status } from '../client/index.ts';
import { digestOf } from '../envelope/index.ts';
import { pushErrors } from './errors.ts';
import { StateWatch } from './state-watch.ts';

/** What became of a push. */
export interface Delivered {
  readonly swarmlet: string;
  readonly version: string;
  readonly digest: string;
  readonly sequence: number;
  readonly state: string;
  readonly principal: string;
  /** Missing when the answer was lost and the outcome learnt otherwise. */
  readonly timeline: Deployed['timeline'] | undefined;
}

/**
 * Sends a signed deployment and waits until it runs. When the answer is lost the same envelope is sent again on a new
 * connection: a box takes it once, and tells by REPLAYED what became of it.
 * @param again  connects anew to the same box
 * @throws CodedError of the box; CONNECTION_LOST when the outcome cannot be learnt
 */
export async function deliver(signed: Signed, connection: BoxConnection, again: () => Promise<BoxConnection>): Promise<Delivered> {
  try {
    return await connection.deploy(signed);
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  const second = await again();
  try {
    return await second.deploy(signed);
  } catch (error) {
    const digest = digestOf(signed.payload);
    if (!isReplayOf(error, digest)) throw error;
    return await settled(second, swarmletOf(signed), digest);
  } finally {
    second.close();
  }
}

function isLost(error: unknown): boolean {
  return error instanceof CodedError && (error.code === 'CONNECTION_LOST' || error.code === 'TIMED_OUT');
}

function isReplayOf(error: unknown, digest: string): boolean {
  return error instanceof CodedError && error.code === 'REPLAYED' && (error.detail as { digest?: unknown } | null)?.digest === digest;
}

function swarmletOf({ payload }: Signed): string {
  return (JSON.parse(payload.toString('utf8')) as { swarmlet: string }).swarmlet;
}

/** Waits until what was accepted before runs, or does not. */
async function settled(connection: BoxConnection, swarmlet: string, digest: string): Promise<Delivered> {
  const watch = await StateWatch.open(connection, swarmlet, digest);
  const state = await watch.until((one) => !['staged', 'starting'].includes(one.state));
  if (state.state === 'failed' || state.state === 'backoff') throw pushErrors.ENDED_EARLY(swarmlet, state.state, state.reason);
  const status = await connection.status(swarmlet);
  return delivered(status, digest, connection);
}

function delivered(status: Status, digest: string, { principal }: BoxConnection): Delivered {
  if (status.digest !== digest)
    throw pushErrors.ENDED_EARLY(status.swarmlet, 'superseded', `version ${status.version} by ${status.principal} came after it`);
  const { swarmlet, sequence, state } = status;
  return {
    swarmlet,
    version: status.version ?? '',
    digest,
    sequence,
    state,
    principal: status.principal ?? principal,
    timeline: undefined,
  };
}
