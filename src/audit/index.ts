export { Audit, type Source } from './audit.ts';
export { type Log, openLog, silentLog } from './log.ts';
