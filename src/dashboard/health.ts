import { text } from './answer.ts';
import type { Route } from './router.ts';

/**
 * `/-/healthy`: the process answers. `/-/ready`: it takes deployments.
 * @param unready  undefined while the box takes deployments; else why it does not
 */
export function healthRoutes(unready: () => string | undefined): Route[] {
  return [
    { method: 'GET', path: '/-/healthy', answer: () => text(200, 'healthy') },
    {
      method: 'GET',
      path: '/-/ready',
      answer: () => {
        const why = unready();
        return why === undefined ? text(200, 'ready') : text(503, why);
      },
    },
  ];
}
