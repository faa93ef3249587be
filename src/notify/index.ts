export { type Life, Notifier } from './notifier.ts';
