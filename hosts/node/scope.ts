import type { NodeHost } from './node-host.ts';

/** The functions that a `-js` file and the lines of the shell find as free names (spec sections 21 and 22). */
export function hostScope(node: NodeHost): Record<string, unknown> {
  return {
    Accessor: node.Accessor,
    getAccessorCode: node.getAccessorCode,
    getHostName: node.getHostName,
    getResource: node.getResource,
    getTopLevelAccessors: node.getTopLevelAccessors,
    instantiate: node.instantiate,
    instantiateInterface: node.instantiateInterface,
    instantiateTopLevel: node.instantiateTopLevel,
    isReifiableBy: node.isReifiableBy,
    require: node.require,
    stopAllAccessors: node.stopAllAccessors,
    uniqueName: node.uniqueName,
  };
}
