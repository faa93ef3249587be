export { Audit, acceptedRecord, type Source } from './audit.ts';
export { type Log, openLog, silentLog } from './log.ts';
export { readSignedHead } from './signed-head.ts';
export { type Finding, verifyAudit } from './verify.ts';
