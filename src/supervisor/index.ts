export type { LogLine } from './log-ring.ts';
export { type SupervisorOptions, supervisorDefaults } from './options.ts';
export { type Bounds, type Cargo, limitDefaults, type SwarmletLimits } from './plan.ts';
export type { BoxModule } from './reach.ts';
export type { Past } from './run.ts';
export { type Reason, restOf, type Status } from './state.ts';
export { type Snapshot, type Started, type StateChange, Supervisor, type SupervisorEvents } from './supervisor.ts';
export { type Timing, wallTiming } from './timing.ts';
