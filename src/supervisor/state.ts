import { unreachable } from '../../hosts/common/index.ts';
import type { FailureReason } from '../../hosts/node/isolate/index.ts';

/** Names one isolate of a box, so that what comes late from an earlier one is told apart; counts up from 1. */
export type IsolateId = number;

/** Why a swarmlet is where it is (PROTOCOL 6): what its isolate broke, or what the box decided. */
export type Reason = FailureReason | 'revoked' | 'dependency' | 'crash-loop';

/** The state after a stop: asked for by somebody, `run.for` over, or replaced by a newer version. */
export type Rest = 'stopped' | 'expired' | 'superseded';

/** Where one version of a swarmlet is. Times are Unix milliseconds. */
export type SwarmletState =
  | { readonly status: 'staged' | 'completed' }
  | { readonly status: Rest; readonly reason?: Reason }
  | { readonly status: 'starting'; readonly attempt: number }
  | { readonly status: 'running'; readonly attempt: number; readonly isolate: IsolateId }
  | { readonly status: 'stopping'; readonly to: Rest; readonly reason?: Reason; readonly killAt: number }
  | { readonly status: 'failed'; readonly attempt: number; readonly reason: Reason }
  | { readonly status: 'backoff'; readonly attempt: number; readonly retryAt: number; readonly reason?: Reason };

export type Status = SwarmletState['status'];

export type Signal =
  /** An isolate is being started: for the first time, or after a back-off. */
  | { readonly type: 'spawn' }
  /** Started anew although it had ended: a person asked, or it is given back because its successor failed. */
  | { readonly type: 'revive' }
  | { readonly type: 'ready'; readonly isolate: IsolateId }
  | { readonly type: 'completed' }
  | { readonly type: 'failed'; readonly reason: Reason }
  /** The isolate that was being wrapped up is gone; with a reason if it had to be killed. */
  | { readonly type: 'gone'; readonly reason?: Reason }
  | { readonly type: 'stop'; readonly to: Rest; readonly killAt: number; readonly reason?: Reason }
  /** Will be started again; `attempt` counts the starts since it last ran well. */
  | { readonly type: 'retry'; readonly retryAt: number; readonly attempt: number }
  | { readonly type: 'giveUp' };

/** The state after `signal`; a signal that means nothing in `state` leaves it as it is. */
export function next(state: SwarmletState, signal: Signal): SwarmletState {
  switch (signal.type) {
    case 'spawn':
      if (state.status === 'staged') return { status: 'starting', attempt: 1 };
      if (state.status === 'backoff') return { status: 'starting', attempt: state.attempt + 1 };
      return state;
    case 'revive':
      return hasEnded(state) ? { status: 'starting', attempt: 1 } : state;
    case 'ready': // can arrive after a stop: the isolate could not know
      if (state.status !== 'starting') return state;
      return { status: 'running', attempt: state.attempt, isolate: signal.isolate };
    case 'completed': // a swarmlet may wrap up while it is being started
      return state.status === 'starting' || state.status === 'running' ? { status: 'completed' } : state;
    case 'failed':
      if (state.status !== 'starting' && state.status !== 'running') return state;
      return { status: 'failed', attempt: state.attempt, reason: signal.reason };
    case 'gone':
      if (state.status !== 'stopping') return state;
      return rest(state.to, state.reason ?? signal.reason);
    case 'stop':
      return stop(state, signal);
    case 'retry':
      if (state.status === 'failed') return { status: 'backoff', attempt: signal.attempt, retryAt: signal.retryAt, reason: state.reason };
      return state.status === 'completed' ? { status: 'backoff', attempt: signal.attempt, retryAt: signal.retryAt } : state;
    case 'giveUp':
      if (state.status === 'failed') return { status: 'failed', attempt: state.attempt, reason: 'crash-loop' };
      return state.status === 'completed' ? { status: 'failed', attempt: 1, reason: 'crash-loop' } : state;
    default:
      return unreachable(signal);
  }
}

function stop(state: SwarmletState, signal: Signal & { readonly type: 'stop' }): SwarmletState {
  switch (state.status) {
    case 'starting':
    case 'running':
      return signal.reason === undefined
        ? { status: 'stopping', to: signal.to, killAt: signal.killAt }
        : { status: 'stopping', to: signal.to, killAt: signal.killAt, reason: signal.reason };
    case 'staged':
    case 'backoff': // no isolate to wait for
      return rest(signal.to, signal.reason);
    case 'failed':
    case 'completed':
    case 'expired': // how a version ended stays in its history, unless somebody stops the swarmlet itself
      return signal.to === 'stopped' ? rest('stopped', signal.reason) : state;
    case 'stopping':
    case 'stopped':
    case 'superseded':
      return state;
    default:
      return unreachable(state);
  }
}

function rest(status: Rest, reason: Reason | undefined): SwarmletState {
  return reason === undefined ? { status } : { status, reason };
}

/** The state of a version that ended before the box did, from what was kept of it; undefined for one that had not ended. */
export function restOf(status: string, reason: string | null): SwarmletState | undefined {
  const why = reason === null ? {} : { reason: reason as Reason };
  switch (status) {
    case 'completed':
      return { status };
    case 'stopped':
    case 'expired':
    case 'superseded':
      return { status, ...why };
    case 'failed':
      return { status, attempt: 1, reason: 'exit', ...why };
    default:
      return undefined;
  }
}

/** True where nothing runs and nothing will by itself. */
export function hasEnded(state: SwarmletState): boolean {
  switch (state.status) {
    case 'stopped':
    case 'completed':
    case 'expired':
    case 'superseded':
    case 'failed':
      return true;
    case 'staged':
    case 'starting':
    case 'running':
    case 'stopping':
    case 'backoff':
      return false;
    default:
      return unreachable(state);
  }
}

/** The reason that status shows, if the state has one. */
export function reasonOf(state: SwarmletState): Reason | null {
  return ('reason' in state ? state.reason : undefined) ?? null;
}
