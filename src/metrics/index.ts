export { BoxCounts } from './box-counts.ts';
export { contentTypes, expose, type Format } from './exposition.ts';
export { families } from './families.ts';
export { LoopLag } from './loop-lag.ts';
export { formatOf, takesGzip } from './negotiation.ts';
export { type ProcessReading, readProcess } from './process-reading.ts';
export type { Reading, SwarmletReading } from './reading.ts';
