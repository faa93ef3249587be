export { type Box, hasLabels } from './box.ts';
export { builtIn } from './built-in.ts';
export { type LookUpOptions, lookUp } from './look-up.ts';
export { Neighbourhood, type NeighbourhoodEvents, type NeighbourhoodParts } from './neighbourhood.ts';
export { meta } from './sighting.ts';
export { targetGroups } from './target-groups.ts';
export { selectorOf, type Target, targetsFor, type Wish, wishOf } from './targets.ts';
export { type UserSettings, userSettings } from './user-settings.ts';
