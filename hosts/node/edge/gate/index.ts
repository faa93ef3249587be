export { Gate } from './gate.ts';
export { World } from './world.ts';
export { EdgeError } from './yard.ts';
