import { format } from 'node:util';
import { type AccessorApi, baseName, CodedError, errorText, type HostEvents, SimulatedClock } from '../../hosts/common/index.ts';
import { NodeHost, nodePlatform, showSyntaxProblem, syntaxProblem } from '../../hosts/node/index.ts';
import { deploymentModule } from '../module.ts';

/** A `test/TrainableTest` that a swarmlet contains, and what came of it. */
export interface TestOutcome {
  /** From the swarmlet inwards, parted by points. */
  readonly name: string;
  /** Whatever came was taken as right, and became `correctValues`. */
  readonly training: boolean;
  readonly expected: readonly unknown[];
  /** What came, also after the first value that differed. */
  readonly got: readonly { readonly value: unknown; readonly atMs: number }[];
  /** So many values were right. */
  readonly right: number;
  readonly passed: boolean;
}

export interface TrialOutcome {
  readonly tests: readonly TestOutcome[];
  /** Texts of errors that were no differences, each with the accessor that it occurred in. */
  readonly errors: readonly string[];
}

export interface TrialOptions {
  /** Simulated time after which the swarmlet is wrapped up. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What the swarmlet prints. */
  print(line: string): void;
}

/**
 * Runs a swarmlet with simulated time in this process, until it has wrapped up, nothing is left to do or its time is over.
 * @throws CodedError NOT_FOUND, BAD_SWARMLET (it does not compile, or its `setup` throws), NO_TEST, INTERRUPTED
 */
export async function tryOut(accessorClass: string, options: TrialOptions): Promise<TrialOutcome> {
  const clock = new SimulatedClock(nodePlatform);
  const node = new NodeHost({ modules: [deploymentModule], clock });
  const printing = new Printing(options.print);
  try {
    const swarmlet = made(node, accessorClass);
    const watched = testsIn(swarmlet).map((accessor) => new Watched(accessor, clock));
    if (watched.length === 0) throw new CodedError('NO_TEST', `${accessorClass} contains no test/TrainableTest. See: accessors new --help`);
    const errors = new Errors(watched, printing);
    node.host.events.on('failed', errors.failed);
    node.host.events.on('wrappedUp', errors.wrappedUp);
    errors.during(swarmlet, () => swarmlet.initialize());
    if (swarmlet.initialized) {
      const end = await clock.run({ until: options.timeoutMs, signal: options.signal });
      if (end === 'aborted') throw new CodedError('INTERRUPTED', 'Interrupted.');
    }
    if (swarmlet.initialized) errors.during(swarmlet, () => swarmlet.wrapup());
    return { tests: watched.map((test) => test.outcome()), errors: errors.texts };
  } finally {
    printing.end();
    node.host.events.removeAllListeners();
  }
}

function made(node: NodeHost, accessorClass: string): AccessorApi {
  try {
    return node.instantiate(baseName(accessorClass).replace(/\.ts$/, ''), accessorClass);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const problem = syntaxProblem(error);
    throw new CodedError('BAD_SWARMLET', problem ? showSyntaxProblem(problem) : `${accessorClass}: ${errorText(error)}`, { cause: error });
  }
}

function testsIn(accessor: AccessorApi): AccessorApi[] {
  return accessor.containedAccessors.flatMap((inner) => [...(isTest(inner) ? [inner] : []), ...testsIn(inner)]);
}

/** Also what extends it. */
function isTest(accessor: AccessorApi): boolean {
  for (let made: AccessorApi | null = accessor; made; made = made.extending) {
    if (/(?:^|\/)TrainableTest(?:\.[jt]s)?$/.test(made.accessorClass ?? '')) return true;
  }
  return false;
}

/** Sees what a test gets and, by its output, what it takes for right. */
class Watched {
  readonly accessor: AccessorApi;
  readonly #got: { value: unknown; atMs: number }[] = [];
  #right = 0;

  constructor(accessor: AccessorApi, clock: SimulatedClock) {
    this.accessor = accessor;
    // Before the handler of the test, which is added at initialization and may throw.
    accessor.addInputHandler('input', () => this.#got.push({ value: accessor.get('input'), atMs: clock.now() }));
    accessor.on('output', (name) => {
      if (name === 'output') this.#right++;
    });
  }

  /** A value that came was not right. */
  get differs(): boolean {
    return this.#right < this.#got.length && Array.isArray(this.accessor.getParameter('correctValues'));
  }

  outcome(): TestOutcome {
    const correct = this.accessor.getParameter('correctValues');
    const expected = Array.isArray(correct) ? correct : [];
    return {
      name: this.accessor.accessorName,
      training: Boolean(this.accessor.getParameter('trainingMode')),
      expected,
      got: this.#got,
      right: this.#right,
      passed: this.#got.length > 0 && this.#right === this.#got.length && this.#right >= expected.length,
    };
  }
}

/** Keeps the errors that no test explains. */
class Errors {
  readonly texts: string[] = [];
  readonly #watched: readonly Watched[];
  readonly #printing: Printing;
  /** Tests whose difference was reported, and errors that were dealt with: one reaches every container. */
  readonly #known = new Set<unknown>();

  constructor(watched: readonly Watched[], printing: Printing) {
    this.#watched = watched;
    this.#printing = printing;
  }

  readonly failed = (...[accessor, error]: HostEvents['failed']): void => {
    const test = this.#watched.find((candidate) => candidate.differs && !this.#known.has(candidate));
    if (test) this.#known.add(test).add(error);
    else this.#add(accessor, error);
    this.#printing.skip(); // the host prints it with its stack, next
  };

  readonly wrappedUp = (...[accessor, errors]: HostEvents['wrappedUp']): void => {
    const isWatched = this.#watched.some((test) => test.accessor === accessor);
    for (const error of errors) {
      if (isWatched) this.#known.add(error);
      else this.#add(accessor, error);
    }
  };

  during(accessor: AccessorApi, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#add(accessor, error);
    }
  }

  #add(accessor: AccessorApi, error: unknown): void {
    if (this.#known.has(error)) return;
    this.#known.add(error);
    this.texts.push(`${accessor.accessorName}: ${errorText(error).split('\n', 1)[0]}`);
  }
}

/** Takes over what accessors print, until `end`. */
class Printing {
  readonly #console = { log: console.log, error: console.error };
  #skip = false;

  constructor(print: (line: string) => void) {
    const printAll = (...args: unknown[]): void => {
      for (const line of format(...args).split('\n')) print(line);
    };
    console.log = printAll;
    console.error = (...args) => {
      if (!this.#skip) printAll(...args);
      this.#skip = false;
    };
  }

  /** Leaves out the next line of standard error. */
  skip(): void {
    this.#skip = true;
  }

  end(): void {
    Object.assign(console, this.#console);
  }
}
