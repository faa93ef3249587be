export { Folders } from './folders.ts';
