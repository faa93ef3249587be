export { fileSink } from './file.ts';
