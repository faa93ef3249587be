import type { Accessor } from './accessor.ts';
import { AccessorApi } from './accessor-api.ts';
import { type Endpoint, show } from './endpoint.ts';
import type { Destination, Source as SourcePort } from './port.ts';
import type { Source } from './source.ts';

/** The four forms of `connect` and `disconnect` (spec section 10). */
export type ConnectArguments =
  | [from: AccessorApi, output: string, to: AccessorApi, input: string]
  | [input: string, to: AccessorApi, input: string]
  | [from: AccessorApi, output: string, output: string]
  | [input: string, output: string];

/** Makes an accessor and contains it; its whole construction, `setup` included, is over before it is contained. */
export function contain(
  container: AccessorApi,
  name: string,
  what: { readonly class: string | undefined; readonly source: Source },
  standAlone: boolean,
): AccessorApi {
  const { core } = container;
  const made = new AccessorApi(core.host, {
    name: core.containedNames.unique(`${container.root.accessorName}.${name}`),
    class: what.class,
    source: what.source,
    bindings: container.getDefaultInsideBindings(what.class),
  });
  if (standAlone) core.host.addTopLevel(made.core);
  else enter(core, made.core);
  return made;
}

export function enter(container: Accessor, accessor: Accessor): void {
  accessor.container = container;
  container.contained.push(accessor);
  container.containedNames.add(accessor.name);
  container.ready.place(accessor);
}

export function leave(container: Accessor, accessor: Accessor): void {
  const index = container.contained.indexOf(accessor);
  if (index < 0) return;
  container.contained.splice(index, 1);
  container.containedNames.remove(accessor.name);
  accessor.container = null;
  accessor.ordered = false;
  container.assignPriorities();
}

export function connect(composite: Accessor, ports: ConnectArguments): void {
  const [from, to] = resolve(composite, ports, 'connect');
  from.destinations.push(to);
  to.sources.push(from);
}

/** Removes one connection between these ports, the last one made if there are several; none: does nothing. */
export function disconnect(composite: Accessor, ports: ConnectArguments): void {
  const [from, to] = resolve(composite, ports, 'disconnect');
  const destination = from.destinations.lastIndexOf(to);
  if (destination < 0) return;
  from.destinations.splice(destination, 1);
  to.sources.splice(to.sources.lastIndexOf(from), 1);
  to.disconnected = true;
}

/** The two ports that the arguments of `connect` or `disconnect` name. */
function resolve(composite: Accessor, ports: ConnectArguments, method: string): [SourcePort, Destination] {
  const [from, to] = endpoints(ports, method);
  return [source(composite, from, method), destination(composite, to, method)];
}

function endpoints(ports: readonly unknown[], method: string): [Endpoint, Endpoint] {
  const [a, b, c, d] = ports;
  if (a instanceof AccessorApi && typeof b === 'string') {
    const from: Endpoint = { kind: 'contained', accessor: a.core, port: b };
    if (c instanceof AccessorApi && typeof d === 'string') return [from, { kind: 'contained', accessor: c.core, port: d }];
    if (typeof c === 'string') return [from, { kind: 'boundary', port: c }];
  } else if (typeof a === 'string') {
    const from: Endpoint = { kind: 'boundary', port: a };
    if (b instanceof AccessorApi && typeof c === 'string') return [from, { kind: 'contained', accessor: b.core, port: c }];
    if (typeof b === 'string') return [from, { kind: 'boundary', port: b }];
  }
  throw new Error(
    `${method}(): expected (accessor, output, accessor, input), (input, accessor, input), (accessor, output, output) or (input, output)`,
  );
}

function source(composite: Accessor, from: Endpoint, method: string): SourcePort {
  switch (from.kind) {
    case 'boundary': {
      const input = composite.inputs.get(from.port);
      if (!input) throw new Error(`${method}(): No such input: ${show(from)}`);
      return input;
    }
    case 'contained': {
      const output = from.accessor.outputs.get(from.port);
      if (!output) throw new Error(`${method}(): Source has no such output: ${show(from)}`);
      return output;
    }
  }
}

function destination(composite: Accessor, to: Endpoint, method: string): Destination {
  switch (to.kind) {
    case 'boundary': {
      const output = composite.outputs.get(to.port);
      if (!output) throw new Error(`${method}(): No such output: ${show(to)}`);
      return output;
    }
    case 'contained': {
      const input = to.accessor.inputs.get(to.port);
      if (!input) throw new Error(`${method}(): Destination has no such input: ${show(to)}`);
      return input;
    }
  }
}
