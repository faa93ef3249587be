export { Folders, type Owner } from './folders.ts';
