export { FarEdge } from './far-edge.ts';
