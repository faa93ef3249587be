export { type CarriedFile, type Closure, collectClosure, type SwarmletSource } from './closure.ts';
export { type Delivered, deliver } from './deliver.ts';
export { type Following, Push } from './push.ts';
export { StateWatch, statusIfAny } from './state-watch.ts';
export {
  contentOf,
  type DeployRequest,
  deployStatement,
  missingCapabilities,
  nextVersion,
  type Placing,
  swarmletName,
} from './statement.ts';
export { type CollectOptions, inspectSwarmlet, swarmletFrom } from './swarmlet.ts';
export { untilCompleted, untilHealthy } from './wait.ts';
