import { boxFamilies } from './box-families.ts';
import type { Family } from './family.ts';
import { swarmletFamilies } from './swarmlet-families.ts';

/** Every metric of a box, in the order in which they are told. A test holds the README to it. */
export const families: readonly Family[] = [...swarmletFamilies, ...boxFamilies];
