export type * from './edge.ts';
export { EdgeScope, type Owned } from './scope.ts';
