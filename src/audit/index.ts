export { Audit, acceptedRecord, type Source } from './audit.ts';
export { LateLog } from './late-log.ts';
export { type Log, type LogFormat, type LogLevel, openLog, silentLog } from './log.ts';
export { readSignedHead } from './signed-head.ts';
export { type Finding, verifyAudit } from './verify.ts';
