export { BoxInside } from './box-inside.ts';
export { deploymentService } from './session.ts';
