import { AccessorApi } from './accessor-api.ts';

/**
 * Makes a base instance that shares everything with the derived one: ports, handlers, contained accessors. The derived
 * instance is the prototype of the base instance, and the base's exports are the prototype of the derived exports, so
 * code of the base that runs on the derived instance finds overrides, and code of neither repeats the other (section 12).
 */
export function extend(derived: AccessorApi, accessorClass: string): void {
  if (derived.extending) throw new Error('Cannot extend more than one base accessor.');
  const { host } = derived.core;
  const base = AccessorApi.behind(derived, {
    name: `${derived.accessorName}_${accessorClass}`,
    class: accessorClass,
    source: host.load(accessorClass, derived.scope.source),
    bindings: derived.bindings,
  });
  base.extendedBy = derived;
  derived.core.instances.push(base);
  derived.extending = base;
  derived.ssuper = base;
  derived.exports.ssuper = base.exports;
  host.evaluate(base);
  Object.setPrototypeOf(derived.exports, base.exports);
}

/** Runs the `setup` of an interface so that its ports are declared here; none of its other functions is ever called. */
export function implement(accessor: AccessorApi, accessorClass: string): void {
  const { host } = accessor.core;
  const instance = AccessorApi.behind(accessor, {
    name: `${accessor.accessorName}_${accessorClass}`,
    class: accessorClass,
    source: host.load(accessorClass, accessor.scope.source),
    bindings: accessor.bindings,
  });
  instance.implementedBy = accessor;
  accessor.implementedInterfaces = [...accessor.implementedInterfaces, instance];
  host.evaluate(instance);
}
