export { FarEdge } from './far-edge.ts';
export type { Call } from './far-folder.ts';
