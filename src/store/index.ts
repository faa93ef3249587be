export { type BlobLimits, type BlobStore, blobLimits, blobOf, blobsOf, MemoryBlobs } from './blobs.ts';
export { contentsOf } from './contents.ts';
export { MemoryStore, type StoreLimits, storeLimits } from './memory-store.ts';
export type { Store } from './store.ts';
export type { HistoryEntry, Version } from './version.ts';
