import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AccessorApi, SimulatedClock } from '../../hosts/common/index.ts';
import { NodeHost, nodePlatform, packageRoot } from '../../hosts/node/index.ts';

const folder = join(packageRoot, 'accessors');

/** The library's accessors, from their sources, on a Node host with simulated time. */
export interface Library {
  readonly node: NodeHost;
  readonly clock: SimulatedClock;
  /** Makes and initializes a top-level accessor. */
  run(accessorClass: string, parameters?: Readonly<Record<string, unknown>>): AccessorApi;
}

export function library(): Library {
  const clock = new SimulatedClock(nodePlatform);
  const node = new NodeHost({ clock, accessorPath: [folder] });
  return {
    node,
    clock,
    run(accessorClass, parameters = {}) {
      const accessor = node.instantiate(node.uniqueName(accessorClass), accessorClass);
      for (const [name, value] of Object.entries(parameters)) accessor.setParameter(name, value);
      accessor.initialize();
      return accessor;
    },
  };
}

/** All outputs from now on, in order. */
export function sent(accessor: AccessorApi): [output: string, value: unknown][] {
  const values: [string, unknown][] = [];
  accessor.on('output', (name, value) => values.push([name, value]));
  return values;
}

/** Gives values to inputs, in that order, and lets the accessor react; what it sent, by output. */
export function react(accessor: AccessorApi, inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const outputs = sent(accessor);
  for (const [name, value] of Object.entries(inputs)) accessor.provideInput(name, value);
  accessor.react();
  return Object.fromEntries(outputs);
}

export interface Printed {
  readonly out: string[];
  readonly err: string[];
}

/** What is printed while `during` runs, a text for each call. */
export async function printed(during: (so: Printed) => unknown): Promise<Printed> {
  const { log, error } = console;
  const so: Printed = { out: [], err: [] };
  console.log = (...args: unknown[]) => so.out.push(args.join(' '));
  console.error = (...args: unknown[]) => so.err.push(args.join(' '));
  try {
    await during(so);
  } finally {
    console.log = log;
    console.error = error;
  }
  return so;
}

export interface PortEntry {
  readonly name: string;
  readonly type?: string;
  readonly value?: unknown;
  readonly spontaneous?: boolean;
}

/** An accessor of the specification's catalogue, as far as tests compare it. */
export interface CatalogueEntry {
  readonly class: string;
  readonly kind: 'core' | 'service' | 'hardware' | 'desktop' | 'dead' | 'test';
  readonly extends: string | null;
  readonly implements: readonly string[];
  readonly contains?: readonly string[];
  readonly modules: readonly string[];
  readonly inputs: readonly PortEntry[];
  readonly outputs: readonly PortEntry[];
  readonly parameters: readonly PortEntry[];
  readonly functions: readonly string[];
  readonly mutable?: boolean;
}

/** The specification's catalogue; undefined where the specification is not at hand. */
export function catalogue(): CatalogueEntry[] | undefined {
  const path = join(packageRoot, '../shared/spec/library.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { accessors: CatalogueEntry[] }).accessors : undefined;
}

/** Every accessor of the library, by class. */
export function classes(): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/').slice(0, -'.ts'.length))
    .sort();
}

export function sourceOf(accessorClass: string): string {
  return readFileSync(join(folder, `${accessorClass}.ts`), 'utf8');
}
