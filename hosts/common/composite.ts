import type { Accessor } from './accessor.ts';
import { AccessorApi } from './accessor-api.ts';
import { Contents } from './contents.ts';
import { type Endpoint, show } from './endpoint.ts';
import { baseName } from './names.ts';
import { connectPorts, type Destination, disconnectPorts, type Source as SourcePort } from './port.ts';
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
    name: uniqueContained(core, `${container.root.accessorName}.${name}`),
    class: what.class,
    source: what.source,
    bindings: container.getDefaultInsideBindings(what.class),
  });
  if (standAlone) core.host.addTopLevel(made.core);
  else enter(core, made.core);
  return made;
}

/** A name that no accessor contained in `container` has (spec section 17). */
export function uniqueContained(container: Accessor, seed: string): string {
  return container.contents ? container.contents.names.unique(seed) : baseName(seed);
}

export function enter(container: Accessor, accessor: Accessor): void {
  accessor.container = container;
  container.contents ??= new Contents();
  container.contents.add(accessor);
}

export function leave(container: Accessor, accessor: Accessor): void {
  container.contents?.remove(accessor);
  accessor.container = null;
}

export function connect(composite: Accessor, ports: ConnectArguments): void {
  connectPorts(...resolve(composite, ports, 'connect'));
}

/** Removes one connection between these ports, the last one made if there are several; none: does nothing. */
export function disconnect(composite: Accessor, ports: ConnectArguments): void {
  disconnectPorts(...resolve(composite, ports, 'disconnect'));
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
      const input = composite.input(from.port);
      if (!input) throw new Error(`${method}(): No such input: ${show(from)}`);
      return input;
    }
    case 'contained': {
      const output = from.accessor.output(from.port);
      if (!output) throw new Error(`${method}(): Source has no such output: ${show(from)}`);
      return output;
    }
  }
}

function destination(composite: Accessor, to: Endpoint, method: string): Destination {
  switch (to.kind) {
    case 'boundary': {
      const output = composite.output(to.port);
      if (!output) throw new Error(`${method}(): No such output: ${show(to)}`);
      return output;
    }
    case 'contained': {
      const input = to.accessor.input(to.port);
      if (!input) throw new Error(`${method}(): Destination has no such input: ${show(to)}`);
      return input;
    }
  }
}
