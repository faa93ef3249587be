import { type AccessorApi, Host, SimulatedClock } from '../../hosts/common/index.ts';
import { compile, nodePlatform } from '../../hosts/node/index.ts';

/** A host on simulated time whose classes are the given source texts. */
export interface TestHost {
  readonly host: Host;
  readonly clock: SimulatedClock;
  /** Makes a top-level accessor of a class, named like it. */
  make(accessorClass: string): AccessorApi;
  /** Lets logical time pass. */
  advance(ms: number): Promise<void>;
}

export function testHost(classes: Readonly<Record<string, string>>): TestHost {
  const clock = new SimulatedClock(nodePlatform);
  const host = new Host({
    clock,
    compile,
    load(name, from) {
      const code = classes[name];
      if (code === undefined) throw new Error(`Accessor ${name}.js not found`);
      return { code, file: `${name}.js`, from };
    },
  });
  return { host, clock, make: (accessorClass) => host.instantiate(accessorClass, accessorClass), advance: (ms) => clock.advance(ms) };
}

/** The values that an accessor sends through an output from now on. */
export function outputsOf(accessor: AccessorApi, output: string): unknown[] {
  const values: unknown[] = [];
  accessor.on('output', (name, value) => {
    if (name === output) values.push(value);
  });
  return values;
}

/** What is printed on standard error while `during` runs. */
export function errorsPrinted(during: () => void): string {
  const { error } = console;
  let text = '';
  console.error = (...args: unknown[]) => {
    text += `${args.join(' ')}\n`;
  };
  try {
    during();
  } finally {
    console.error = error;
  }
  return text;
}
