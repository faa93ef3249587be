import type { Structure, StructureNode } from '../../hosts/common/index.ts';

export interface GraphPort {
  /** Its number in the structure. */
  readonly port: number;
  readonly node: number;
  readonly name: string;
  readonly kind: 'input' | 'output';
  readonly connected: boolean;
}

export interface GraphNode {
  /** Its number in the structure. */
  readonly node: number;
  /** Without the names of its containers. */
  readonly name: string;
  readonly path: string;
  readonly class: string;
  readonly parent: number;
  readonly depth: number;
  readonly parameters: readonly string[];
  readonly ports: readonly GraphPort[];
  readonly children: readonly number[];
}

/** A structure with its numbers resolved. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly ports: readonly GraphPort[];
  readonly edges: Structure['edges'];
  readonly omitted: number;
}

export function graphOf({ nodes, edges, omitted }: Structure): Graph {
  const connected = new Set(edges.flat());
  const children: number[][] = nodes.map(() => []);
  for (const [node, { parent }] of nodes.entries()) children[parent]?.push(node);
  const ports: GraphPort[] = [];
  const depths: number[] = [];
  const made = nodes.map((given, node): GraphNode => {
    const depth = given.parent < 0 ? 0 : (depths[given.parent] as number) + 1;
    depths.push(depth);
    const own = [
      ...given.inputs.map((name) => ({ name, kind: 'input' as const })),
      ...given.outputs.map((name) => ({ name, kind: 'output' as const })),
    ];
    const first = ports.length;
    for (const [i, { name, kind }] of own.entries()) ports.push({ port: first + i, node, name, kind, connected: connected.has(first + i) });
    return {
      node,
      name: ownName(given, nodes[given.parent]),
      path: given.name,
      class: (given.class ?? '').replace(/^\/.*\//, ''), // a file of the author's machine
      parent: given.parent,
      depth,
      parameters: given.parameters,
      ports: ports.slice(first),
      children: children[node] ?? [],
    };
  });
  return { nodes: made, ports, edges, omitted };
}

function ownName({ name }: StructureNode, parent: StructureNode | undefined): string {
  return parent && name.startsWith(`${parent.name}.`) ? name.slice(parent.name.length + 1) : name;
}

/** Every accessor has an output `error`; it is shown where somebody listens to it. */
export function shownPorts({ ports }: GraphNode): readonly GraphPort[] {
  return ports.filter(({ name, kind, connected }) => connected || name !== 'error' || kind !== 'output');
}

/** The composites that are open when nobody said otherwise: all down to a depth, as long as not too much is shown. */
export function openTo({ nodes }: Graph, depth: number, most = Number.POSITIVE_INFINITY): Set<number> {
  const open = new Set<number>();
  let shown = 1;
  for (const { node, children, depth: at, parent } of nodes) {
    if (children.length === 0 || at >= depth || (parent >= 0 && !open.has(parent))) continue;
    if (node !== 0 && shown + children.length > most) continue;
    open.add(node);
    shown += children.length;
  }
  return open;
}

/** The nodes that are drawn: those whose containers are all open. */
export function visible({ nodes }: Graph, open: ReadonlySet<number>): Set<number> {
  const shown = new Set<number>();
  for (const { node, parent } of nodes) if (parent < 0 || (shown.has(parent) && open.has(parent))) shown.add(node);
  return shown;
}
