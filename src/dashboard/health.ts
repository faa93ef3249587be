import { text } from './answer.ts';
import type { Route } from './router.ts';

/**
 * `POST /-/reload`, as Prometheus has it.
 * @param reload  reads what can be read again; gives what was wrong with it
 */
export function reloadRoute(reload: () => readonly string[]): Route {
  return {
    method: 'POST',
    path: '/-/reload',
    answer: () => {
      const problems = reload();
      return problems.length === 0 ? text(200, 'reloaded') : text(500, problems.join('\n'));
    },
  };
}

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
