import { createRequire } from 'node:module';

/** What is shipped: sources run by tsx are slower. */
export const built = createRequire(import.meta.url)('../../dist/index.cjs') as typeof import('../../src/index.ts');
