import type { Accessor } from './accessor.ts';
import { unreachable } from './errors.ts';

/** One end of a connection inside a composite. */
export type Endpoint =
  | { readonly kind: 'boundary'; readonly port: string } // a port of the composite itself
  | { readonly kind: 'contained'; readonly accessor: Accessor; readonly port: string };

/** The name of the port alone: it is what programs match in messages; the accessor follows in brackets. */
export function show(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'boundary':
      return endpoint.port;
    case 'contained':
      return `${endpoint.port} (of ${endpoint.accessor.name})`;
    default:
      return unreachable(endpoint);
  }
}
