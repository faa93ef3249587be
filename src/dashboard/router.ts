import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';

export interface AdminRequest {
  /** As it was asked for, with what is percent-encoded in it. */
  readonly path: string;
  /** What stands in the place of `*` of the route; '' if it has none. */
  readonly rest: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Whoever asks is on this machine. */
  readonly isLocal: boolean;
  /** @throws TOO_LARGE above `limit` bytes */
  body(limit: number): Promise<Uint8Array>;
}

export interface Route {
  /** GET must change nothing; HEAD is answered by it. */
  readonly method: 'GET' | 'POST';
  /** The whole path, or its beginning and `*`: `/-/ready`, `/page/*`. */
  readonly path: string;
  answer(request: AdminRequest): Answer | Promise<Answer>;
}

export type Found =
  | { readonly kind: 'route'; readonly route: Route; readonly rest: string }
  | { readonly kind: 'other method'; readonly allowed: readonly string[] }
  | { readonly kind: 'nothing' };

/** Finds the route of a request: a whole path before a beginning, a longer beginning before a shorter one. */
export class Router {
  readonly #routes: readonly Route[];

  constructor(routes: readonly Route[]) {
    const weight = ({ path }: Route): number => (path.endsWith('*') ? path.length : Number.POSITIVE_INFINITY);
    this.#routes = [...routes].sort((a, b) => weight(b) - weight(a));
  }

  find(method: string, path: string): Found {
    const [first] = this.#routes.filter((route) => fits(route, path));
    if (!first) return { kind: 'nothing' };
    const here = this.#routes.filter((route) => route.path === first.path);
    const wanted = method === 'HEAD' ? 'GET' : method;
    const route = here.find((one) => one.method === wanted);
    if (route) return { kind: 'route', route, rest: route.path.endsWith('*') ? path.slice(route.path.length - 1) : '' };
    return { kind: 'other method', allowed: here.flatMap((one) => (one.method === 'GET' ? ['GET', 'HEAD'] : [one.method])) };
  }
}

function fits({ path: pattern }: Route, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
