export { type Config, readConfig } from './config.ts';
export { readConfigFile } from './file.ts';
export { configJsonSchema } from './json-schema.ts';
export { placesOf } from './places.ts';
export { type ConfigSources, type Origin, type Settled, type Settlement, settle, settledInFull } from './settle.ts';
