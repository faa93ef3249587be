export type * from './edge.ts';
export type { Entry, Folder } from './folder.ts';
export { callCap } from './folder-call.ts';
export { nothing, type Place, type Reach } from './reach.ts';
export { EdgeScope, type Owned } from './scope.ts';
export { weightOf } from './weight.ts';
export type { EdgeEvent, EdgeRequest, Outside, Wire } from './wire.ts';
