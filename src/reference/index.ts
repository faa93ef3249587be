export { classTypes } from './class-types.ts';
export { type Header, type HeaderPort, parseHeader } from './header.ts';
export { collectReference, fileReference, indexFile, libraryReference, type Reference } from './library.ts';
export { referencePage } from './page.ts';
