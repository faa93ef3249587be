export { Logbook, type LogbookLimits } from './logbook.ts';
