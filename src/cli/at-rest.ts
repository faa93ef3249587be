import type { Status } from '../client/index.ts';
import { age, plain } from './text.ts';

/** Of a swarmlet that does not run: how it is, why, and since when; undefined: it runs, or the box does not tell. */
export function atRest(status: Status | undefined): string | undefined {
  if (!status || status.state === 'running') return undefined;
  const { swarmlet, state, reason, since } = status;
  return plain(`${swarmlet} is ${state}${reason ? ` (${reason})` : ''} since ${age(since ?? undefined, Date.now())}`);
}
