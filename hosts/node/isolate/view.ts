import { structureLimits, viewLimits } from '../../common/index.ts';

type Fields = Readonly<Record<string, unknown>>;

/** True for a view within its bounds, whose numbers all mean something: nobody who reads it has to look again. */
export function isView(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { revision, structure, reactions, values } = value;
  if (!isCount(revision) || !(structure === undefined || isStructure(structure))) return false;
  const isReaction = (entry: unknown): boolean => isListOf(entry, 2, isCount) && (entry as number[]).length === 2;
  return isListOf(reactions, structureLimits.nodes, isReaction) && isListOf(values, viewLimits.values, isPortValue);
}

function isPortValue(entry: unknown): boolean {
  return Array.isArray(entry) && entry.length === 3 && isCount(entry[0]) && isCount(entry[1]) && isText(entry[2], viewLimits.preview);
}

function isStructure(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { nodes, edges, omitted } = value;
  if (!isCount(omitted) || !isListOf(nodes, structureLimits.nodes, isNode) || !isListOf(edges, structureLimits.edges, isEdge)) return false;
  // A parent stands before its children, so that there is no cycle.
  if (!(nodes as Fields[]).every(({ parent }, i) => (i === 0 ? parent === -1 : (parent as number) >= 0 && (parent as number) < i))) {
    return false;
  }
  const ports = (nodes as { inputs: string[]; outputs: string[] }[]).reduce(
    (sum, node) => sum + node.inputs.length + node.outputs.length,
    0,
  );
  return (edges as [number, number][]).every(([from, to]) => from < ports && to < ports);
}

function isNode(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, class: ofClass, parent, inputs, outputs, parameters } = value;
  const isName = (one: unknown): boolean => isText(one, structureLimits.nameLength);
  const lists = [inputs, outputs, parameters];
  return (
    isName(name) && (ofClass === null || isName(ofClass)) && Number.isSafeInteger(parent) && lists.every((one) => isNames(one, isName))
  );
}

function isNames(value: unknown, isName: (one: unknown) => boolean): boolean {
  return isListOf(value, structureLimits.ports, isName);
}

function isEdge(value: unknown): boolean {
  return isListOf(value, 2, isCount) && (value as unknown[]).length === 2;
}

function isListOf(value: unknown, most: number, is: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= most && value.every(is);
}

function isText(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length <= most;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
