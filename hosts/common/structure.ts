import type { Accessor } from './accessor.ts';
import type { Input, Output } from './port.ts';

/** An accessor with all that it contains, in lists: whoever reads them needs no recursion. */
export interface Structure {
  /** A container stands before what it contains; the first is the top. */
  readonly nodes: readonly StructureNode[];
  /** Ports by their numbers: all inputs, then all outputs of each node, in the order of the nodes. */
  readonly edges: readonly (readonly [from: number, to: number])[];
  /** Accessors and connections that were too many. */
  readonly omitted: number;
}

export interface StructureNode {
  readonly name: string;
  /** Null for one that was made from source text. */
  readonly class: string | null;
  /** Place of the container among the nodes; -1 at the top. */
  readonly parent: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly parameters: readonly string[];
}

/** So that what is told of a swarmlet fits into one frame, whatever it is like. */
export const structureLimits = Object.freeze({
  nodes: 2000,
  edges: 8000,
  /** Ports and parameters. */
  ports: 16_000,
  /** Of a name; longer ones are cut. */
  nameLength: 120,
  /** Of all names together. */
  text: 400_000,
});

/** The structure, and which accessor and port is which number in it. */
export interface Numbered {
  readonly structure: Structure;
  readonly accessors: readonly Accessor[];
  readonly ports: readonly (Input | Output)[];
}

export function structureOf(top: Accessor): Numbered {
  const { nodes: mostNodes, edges: mostEdges, ports: mostPorts, text: mostText } = structureLimits;
  const accessors: Accessor[] = [];
  const nodes: StructureNode[] = [];
  const ports: (Input | Output)[] = [];
  const numbers = new Map<Input | Output, number>();
  const open: { readonly accessor: Accessor; readonly parent: number }[] = [{ accessor: top, parent: -1 }];
  let omitted = 0;
  let names = 0;
  let text = 0;
  for (let i = 0; i < open.length; i++) {
    const { accessor, parent } = open[i] as (typeof open)[number];
    const node = nodeOf(accessor, parent);
    names += node.inputs.length + node.outputs.length + node.parameters.length;
    text += textOf(node);
    if (nodes.length >= mostNodes || names > mostPorts || text > mostText) {
      omitted += open.length - i;
      break;
    }
    for (const port of [...accessor.inputs.list, ...accessor.outputs.list]) {
      numbers.set(port, ports.length);
      ports.push(port);
    }
    const number = nodes.push(node) - 1;
    accessors.push(accessor);
    for (const inner of accessor.contained) open.push({ accessor: inner, parent: number });
  }
  const edges: [number, number][] = [];
  for (const [from, port] of ports.entries()) {
    for (const destination of port.destinations) {
      const to = numbers.get(destination);
      if (to !== undefined && edges.length < mostEdges) edges.push([from, to]);
      else omitted++;
    }
  }
  return { structure: { nodes, edges, omitted }, accessors, ports };
}

function nodeOf(accessor: Accessor, parent: number): StructureNode {
  const { accessorClass } = accessor.root;
  return {
    name: short(accessor.name),
    class: accessorClass === undefined ? null : short(accessorClass),
    parent,
    inputs: accessor.inputs.names.map(short),
    outputs: accessor.outputs.names.map(short),
    parameters: accessor.parameters.names.map(short),
  };
}

function textOf({ name, class: ofClass, inputs, outputs, parameters }: StructureNode): number {
  const list = (names: readonly string[]): number => names.reduce((sum, one) => sum + one.length, 0);
  return name.length + (ofClass?.length ?? 0) + list(inputs) + list(outputs) + list(parameters);
}

function short(name: string): string {
  return name.length > structureLimits.nameLength ? `${name.slice(0, structureLimits.nameLength - 1)}…` : name;
}
