import { text } from './answer.ts';
import type { Route } from './router.ts';

/**
 * `POST /-/reload`, as Prometheus has it.
 * @param reload  reads what can be read again; gives what was wrong with it
 */
export function reloadRoute(reload: () => Promise<readonly string[]>): Route {
  return {
    method: 'POST',
    path: '/-/reload',
    answer: async () => {
      const problems = await reload();
      return problems.length === 0 ? text(200, 'reloaded') : text(500, problems.join('\n'));
    },
  };
}

/**
 * `/-/healthy`: the box lives. `/-/ready`: it takes deployments.
 * @param unready  undefined while the box takes deployments; else why it does not
 * @param ailment  resolves with undefined while it lives; else with why only a start anew helps
 */
export function healthRoutes(unready: () => string | undefined, ailment: () => Promise<string | undefined>): Route[] {
  return [
    {
      method: 'GET',
      path: '/-/healthy',
      answer: async () => {
        const why = await ailment();
        return why === undefined ? text(200, 'healthy') : text(503, why);
      },
    },
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
