export { Audit } from './audit.ts';
export { type Log, openLog, silentLog } from './log.ts';
