import { reactions, unyielding } from './chain.ts';
import { edge } from './edge.ts';
import { graphs } from './graphs.ts';
import { hundred } from './hundred.ts';
import { instantiate } from './instantiate.ts';
import { network } from './network.ts';
import { push } from './push.ts';
import { refuse } from './refuse.ts';
import { start } from './start.ts';
import { streams } from './streams.ts';
import { simulated, timers } from './timers.ts';
import type { Workload } from './workload.ts';
import { zeroDelay } from './zero-delay.ts';

/** In the order in which they run. */
export const workloads: readonly Workload[] = [
  reactions,
  unyielding,
  graphs,
  instantiate,
  zeroDelay,
  timers,
  simulated,
  start,
  push,
  hundred,
  edge,
  streams,
  refuse,
  network,
];
