import type { Plugin } from '../plugins/index.ts';
import { dnsSd } from './dns-sd.ts';
import { fileSd } from './file-sd.ts';
import { httpSd } from './http-sd.ts';
import { knownBoxes } from './known-boxes.ts';
import { staticBoxes } from './static.ts';

/** The discoverers of this package. */
export const builtIn: readonly Plugin[] = [staticBoxes, fileSd, httpSd, dnsSd, knownBoxes];
