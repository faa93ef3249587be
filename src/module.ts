import { join } from 'node:path';
import { type AccessorModule, packageRoot, requireNear } from '../hosts/node/index.ts';
import type { Deployment } from './deployment.ts';

/** What the accessors of `deployment/` require; the service itself is loaded only then, never to run a file. */
export const deploymentModule: AccessorModule = {
  name: 'deployment',
  pure: false,
  create: () => {
    const bundle = requireNear(import.meta.url)(join(packageRoot, 'dist/deployment.cjs')) as typeof import('./deployment.ts');
    return bundle.createDeployment();
  },
  ended: (made) => (made as Deployment).ended(),
};
