export { auditFiles } from './audit-file.ts';
export { type Backup, backUp, restore, verifyBackup } from './backup.ts';
export { type BlobLimits, type BlobStore, blobLimits, blobOf, blobsOf, MemoryBlobs } from './blobs.ts';
export { type AuditFields, genesis, type Head, headMessage, lineHash } from './chain.ts';
export { contentsOf } from './contents.ts';
export { DurableStore, type SignedHead } from './durable-store.ts';
export { MemoryStore, type StoreLimits, storeLimits } from './memory-store.ts';
export type { Condition, Pending, Placing, Remembered, Store } from './store.ts';
export type { HistoryEntry, Version } from './version.ts';
