export { World } from '../edge/gate/index.ts';
export { InlineTier } from './inline.ts';
export {
  type End,
  type FailureReason,
  InputError,
  type Isolate,
  type IsolateEvents,
  type IsolateTier,
  type IsolateUsage,
  type IsolationLevel,
  type LogLevel,
  type PoolUse,
  StartError,
  type StartPhase,
  type SwarmletImage,
} from './isolate.ts';
export type { ProcessLevel } from './launch.ts';
export { type Levels, probeLevels } from './levels.ts';
export { type IsolateLimits, isolateDefaults } from './limits.ts';
export { openProcessTier, type ProcessTier, type ProcessTierOptions } from './pool.ts';
export type { HostService, ServiceSession } from './services.ts';
export { ThreadTier, type ThreadTierOptions } from './thread.ts';
