import { healthRoutes, type Route } from './dashboard/index.ts';
import type { Service } from './service.ts';

/**
 * All that a box answers over HTTP.
 * @param service  undefined until it is open: its routes answer while it starts
 */
export function adminRoutes(service: () => Service | undefined): Route[] {
  const unready = (): string | undefined => {
    const box = service();
    return box ? box.unready : 'starting';
  };
  return [...healthRoutes(unready)];
}
