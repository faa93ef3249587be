export { folderSource } from './folder.ts';
