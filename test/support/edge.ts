import { WallClock } from '../../hosts/common/index.ts';
import { plainEdge } from '../../hosts/node/edge/plain-edge.ts';
import { type Edge, EdgeScope, edgeModules, nodePlatform } from '../../hosts/node/index.ts';

/** A module of accessors on the sockets of this machine, some ways of which a test leads elsewhere. */
export function moduleOn(name: string, otherwise: Partial<Edge>): { readonly module: unknown; readonly scope: EdgeScope } {
  const scope = new EdgeScope(
    () => ({ ...plainEdge, ...otherwise }),
    new WallClock(nodePlatform),
    (run) => setImmediate(run),
  );
  const found = edgeModules.find((module) => module.name === name);
  if (!found) throw new Error(`There is no module ${name}`);
  return { module: found.create(scope), scope };
}
