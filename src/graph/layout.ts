import type { ELK, ElkExtendedEdge, ElkNode, ElkPort } from 'elkjs/lib/elk-api.js';
import { type Graph, type GraphNode, type GraphPort, shownPorts, visible } from './model.ts';
import { cut, measures, textWidth } from './theme.ts';

type Point = readonly [x: number, y: number];

export interface DrawnPort {
  readonly port: number;
  readonly name: string;
  readonly kind: 'input' | 'output';
  readonly x: number;
  readonly y: number;
}

export interface DrawnNode {
  readonly node: number;
  readonly name: string;
  readonly class: string;
  readonly depth: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** A composite whose contents are drawn; `closed`: that has some which are not. */
  readonly kind: 'leaf' | 'closed' | 'open';
  readonly ports: readonly DrawnPort[];
}

export interface DrawnEdge {
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
  /** Where its value stands. */
  readonly label: { readonly x: number; readonly y: number } | undefined;
}

/** Where everything is, in pixels at full size; containers before what they contain. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

export type Layouter = Pick<ELK, 'layout'>;

/** Asked for in each composite: none inherits it. */
const spacing = (labelled: boolean): Readonly<Record<string, string>> => ({
  'elk.layered.spacing.nodeNodeBetweenLayers': labelled ? '12' : '44', // a label is a layer of its own
  'elk.layered.spacing.edgeNodeBetweenLayers': '20',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeLabel': '3',
});

/** From so many edges on there is no room for values beside them. */
const MOST_LABELS = 80;

/**
 * Finds a place for everything that is visible.
 * @param open  composites whose contents are shown
 * @param withValues  leave room for a value beside each edge, if they are not too many
 */
export async function layOut(elk: Layouter, graph: Graph, open: ReadonlySet<number>, withValues: boolean): Promise<Drawing> {
  const shown = visible(graph, open);
  const edges = graph.edges.filter(([from, to]) => isDrawn(graph, shown, open, from, to));
  const labelled = withValues && edges.length <= MOST_LABELS;
  const root: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
      ...spacing(labelled),
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': shown.size > 150 ? 'BRANDES_KOEPF' : 'NETWORK_SIMPLEX',
      'elk.layered.thoroughness': shown.size > 150 ? '1' : '7',
      'elk.separateConnectedComponents': 'true',
      'elk.aspectRatio': '1.7',
      'elk.padding': '[top=14,left=14,bottom=14,right=14]',
    },
    children: [elkNode({ graph, shown, open, labelled }, graph.nodes[0] as GraphNode)],
    edges: edges.map(([from, to], i) => elkEdge(from, to, i, labelled)),
  };
  return drawingOf(graph, await elk.layout(root), edges, open);
}

/** Both ends are shown, and it lies in a composite that is open. */
function isDrawn({ ports }: Graph, shown: ReadonlySet<number>, open: ReadonlySet<number>, from: number, to: number): boolean {
  const [a, b] = [ports[from] as GraphPort, ports[to] as GraphPort];
  if (!shown.has(a.node) || !shown.has(b.node)) return false;
  return a.kind === 'input' ? open.has(a.node) : b.kind === 'output' ? open.has(b.node) : true;
}

interface Shown {
  readonly graph: Graph;
  readonly shown: ReadonlySet<number>;
  readonly open: ReadonlySet<number>;
  readonly labelled: boolean;
}

function elkNode(all: Shown, node: GraphNode): ElkNode {
  const { graph, shown, open, labelled } = all;
  const ports = shownPorts(node);
  const { padding, head, portRow, portSize } = measures;
  const width = widthOf(node, ports);
  const isOpen = open.has(node.node) && node.children.length > 0;
  const rows = Math.max(...(['input', 'output'] as const).map((kind) => ports.filter((port) => port.kind === kind).length));
  const height = head + rows * portRow + (rows > 0 ? padding / 2 : 0);
  const elkPorts = ports.map((port): ElkPort => {
    const row = ports.filter(({ kind }) => kind === port.kind).indexOf(port);
    const isInput = port.kind === 'input';
    return {
      id: `p${port.port}`,
      width: 0,
      height: 0,
      x: isInput ? 0 : width,
      y: head + row * portRow + portRow / 2,
      layoutOptions: { 'elk.port.side': isInput ? 'WEST' : 'EAST', 'elk.port.index': String(isInput ? 1000 - row : row) },
    };
  });
  const id = `n${node.node}`;
  if (!isOpen) return { id, width, height, ports: elkPorts, layoutOptions: { 'elk.portConstraints': 'FIXED_POS' } };
  const side = (kind: 'input' | 'output'): number =>
    Math.max(0, ...ports.filter((port) => port.kind === kind).map(({ name }) => textWidth(cut(name), portSize))) + 2 * padding;
  return {
    id,
    ports: elkPorts,
    children: node.children.filter((child) => shown.has(child)).map((child) => elkNode(all, graph.nodes[child] as GraphNode)),
    layoutOptions: {
      ...spacing(labelled),
      'elk.portConstraints': 'FIXED_ORDER',
      'elk.padding': `[top=${head + 10},left=${side('input')},bottom=18,right=${side('output')}]`,
      'elk.nodeSize.constraints': 'PORTS MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, ${height})`,
      'elk.spacing.portPort': String(portRow),
      'elk.spacing.portsSurrounding': `[top=${head},left=0,bottom=12,right=0]`,
    },
  };
}

function widthOf(node: GraphNode, ports: readonly GraphPort[]): number {
  const { padding, nameSize, classSize, portSize } = measures;
  const widest = (kind: 'input' | 'output'): number =>
    Math.max(0, ...ports.filter((port) => port.kind === kind).map(({ name }) => textWidth(cut(name), portSize)));
  const marker = node.children.length > 0 ? 18 : 0;
  const names = Math.max(textWidth(cut(node.name), nameSize) + marker, textWidth(cut(node.class), classSize));
  return Math.ceil(Math.max(96, names + 2 * padding, widest('input') + widest('output') + 3 * padding));
}

function elkEdge(from: number, to: number, i: number, labelled: boolean): ElkExtendedEdge {
  const edge = { id: `e${i}`, sources: [`p${from}`], targets: [`p${to}`] };
  return labelled ? { ...edge, labels: [{ id: `l${i}`, text: 'value', ...measures.label }] } : edge;
}

function drawingOf(graph: Graph, laid: ElkNode, edges: readonly (readonly [number, number])[], open: ReadonlySet<number>): Drawing {
  const nodes: DrawnNode[] = [];
  const collect = (elk: ElkNode): void => {
    const node = graph.nodes[Number(elk.id.slice(1))] as GraphNode;
    const { x = 0, y = 0, width = 0, height = 0 } = elk;
    nodes.push({
      node: node.node,
      name: cut(node.name),
      class: cut(node.class),
      depth: node.depth,
      x,
      y,
      width,
      height,
      kind: node.children.length === 0 ? 'leaf' : open.has(node.node) ? 'open' : 'closed',
      ports: (elk.ports ?? []).map((given) => {
        const { port, name, kind } = graph.ports[Number(given.id.slice(1))] as GraphPort;
        return { port, name: cut(name), kind, x: given.x ?? 0, y: given.y ?? 0 };
      }),
    });
    for (const child of elk.children ?? []) collect(child);
  };
  for (const child of laid.children ?? []) collect(child);
  const drawn = (laid.edges ?? []).flatMap((edge): DrawnEdge[] => {
    const [section] = edge.sections ?? [];
    const [from, to] = edges[Number(edge.id.slice(1))] as readonly [number, number];
    if (!section) return [];
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }): Point => [x, y]);
    const [label] = edge.labels ?? [];
    return [{ from, to, points, label: label && { x: label.x ?? 0, y: label.y ?? 0 } }];
  });
  return { width: laid.width ?? 0, height: laid.height ?? 0, nodes, edges: drawn };
}
