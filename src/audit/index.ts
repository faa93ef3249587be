export { Audit, acceptedRecord, type Source } from './audit.ts';
export { type Log, openLog, silentLog } from './log.ts';
