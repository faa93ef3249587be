export const tabs = ['graph', 'logs', 'history', 'details'] as const;
export type Tab = (typeof tabs)[number];

/** What is shown; it stands behind the `#` of the address. */
export type Route =
  | { readonly kind: 'list' }
  | { readonly kind: 'swarmlet'; readonly swarmlet: string; readonly tab: Tab }
  | { readonly kind: 'audit' }
  | { readonly kind: 'box' };

export function routeOf(hash: string): Route {
  const [, first = '', second = '', third = 'graph'] = hash.split('/');
  if (first === 'audit' || first === 'box') return { kind: first };
  const tab = tabs.find((one) => one === third);
  if (first === 'swarmlet' && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(second) && tab) return { kind: 'swarmlet', swarmlet: second, tab };
  return { kind: 'list' };
}

export function hashOf(route: Route): string {
  switch (route.kind) {
    case 'list':
      return '#/';
    case 'swarmlet':
      return `#/swarmlet/${route.swarmlet}/${route.tab}`;
    case 'audit':
    case 'box':
      return `#/${route.kind}`;
  }
}
