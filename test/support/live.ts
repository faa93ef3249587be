import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'uvu';
import type { AccessorApi } from '../../hosts/common/index.ts';
import { NodeHost, packageRoot } from '../../hosts/node/index.ts';

/** Longer than anything here takes on a busy machine. */
const LIMIT_MS = 20_000;

/** The library's accessors, from their sources, on a host in real time. */
export interface Live {
  readonly node: NodeHost;
  /** Makes and initializes a top-level accessor. */
  run(accessorClass: string, parameters?: Readonly<Record<string, unknown>>, inputs?: Readonly<Record<string, unknown>>): AccessorApi;
  /** Wraps up what is left. */
  end(): void;
}

/** @param inputs  defaults of inputs, set before initialization */
export function live(): Live {
  const node = new NodeHost({ accessorPath: [join(packageRoot, 'accessors')] });
  return {
    node,
    run(accessorClass, parameters = {}, inputs = {}) {
      const accessor = node.instantiate(node.uniqueName(accessorClass), accessorClass);
      for (const [name, value] of Object.entries(parameters)) accessor.setParameter(name, value);
      for (const [name, value] of Object.entries(inputs)) accessor.setDefault(name, value);
      accessor.initialize();
      return accessor;
    },
    end: () => node.host.stopAllAccessors(),
  };
}

/** What an accessor sends, as it comes. */
export class Outputs {
  readonly all: [output: string, value: unknown][] = [];
  readonly #byOutput = new Map<string, unknown[]>();
  readonly #waiting = new Set<() => void>();

  constructor(accessor: AccessorApi) {
    accessor.on('output', (name, value) => {
      this.all.push([name, value]);
      const values = this.#byOutput.get(name);
      if (values) values.push(value);
      else this.#byOutput.set(name, [value]);
      for (const look of this.#waiting) look();
    });
  }

  of(output: string): readonly unknown[] {
    return this.#byOutput.get(output) ?? [];
  }

  /** The first `count` values of an output, once they are there. */
  async values(output: string, count: number): Promise<readonly unknown[]> {
    await until(
      () => this.of(output).length >= count,
      (look) => {
        this.#waiting.add(look);
        return () => this.#waiting.delete(look);
      },
      () => `${count} values of ${output} did not come, only ${this.of(output).length}`,
    );
    return this.of(output).slice(0, count);
  }

  /** The n-th value of an output, from 1. */
  async value(output: string, n = 1): Promise<unknown> {
    return (await this.values(output, n))[n - 1];
  }
}

/** Resolves once `holds`; `subscribe` says when to look again. */
async function until(holds: () => boolean, subscribe: (look: () => void) => () => void, say: () => string): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => done(() => reject(new Error(say()))), LIMIT_MS);
    const unsubscribe = subscribe(() => {
      if (holds()) done(resolve);
    });
    function done(then: () => void): void {
      clearTimeout(timer);
      unsubscribe();
      then();
    }
  });
}

/** What is printed on standard error from now on, until `restore`. */
export class Reports {
  readonly lines: string[] = [];
  readonly #original = console.error;
  readonly #waiting = new Set<() => void>();

  constructor() {
    console.error = (...args: unknown[]) => {
      this.lines.push(args.join(' '));
      for (const look of this.#waiting) look();
    };
  }

  /** Resolves with the first report that matches. */
  async matching(pattern: RegExp): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => pattern.test(line));
    await until(
      () => find() !== undefined,
      (look) => {
        this.#waiting.add(look);
        return () => this.#waiting.delete(look);
      },
      () => `no report matches ${pattern}; there are: ${this.lines.join('\n')}`,
    );
    return find() as string;
  }

  restore(): void {
    console.error = this.#original;
  }
}

/** Resolves when a promise does, at the latest after the limit. */
export async function bounded<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen`)), LIMIT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Gives values to inputs, in that order, and lets the accessor react. */
export function give(accessor: AccessorApi, inputs: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(inputs)) accessor.provideInput(name, value);
  accessor.react();
}

/** A TCP server that takes connections and whatever comes, and never answers. */
export interface Silent {
  readonly port: number;
  /** Resolves when so many bytes came at least, over all connections. */
  heard(bytes: number): Promise<void>;
  /** Resolves when all of at least `count` connections are closed again. */
  left(count: number): Promise<void>;
  close(): void;
}

export async function silent(): Promise<Silent> {
  const open = new Set<Socket>();
  const waiting = new Set<() => void>();
  let bytes = 0;
  let count = 0;
  const look = (): void => {
    for (const one of waiting) one();
  };
  const server = createServer((socket) => {
    open.add(socket);
    count++;
    socket.on('error', () => {});
    socket.on('data', (part) => {
      bytes += part.length;
      look();
    });
    socket.on('close', () => {
      open.delete(socket);
      look();
    });
    look();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const subscribe = (one: () => void) => {
    waiting.add(one);
    return () => waiting.delete(one);
  };
  const state = (): string => `${count} connections came, ${open.size} are open, ${bytes} bytes were heard`;
  return {
    port: (server.address() as AddressInfo).port,
    heard: (least) => until(() => bytes >= least, subscribe, state),
    left: (least) => until(() => count >= least && open.size === 0, subscribe, state),
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** A certificate for localhost, signed by an authority of its own; PKCS #12 with the password `lamp`. */
export interface TestCertificates {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Files, for parameters. */
  readonly caPath: string;
  readonly pfxPath: string;
  remove(): void;
}

/** Undefined without the program openssl. */
export function certificates(): TestCertificates | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  try {
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      ...names,
      '-keyout',
      'key',
      '-out',
      'ca',
    );
    openssl('pkcs12', '-export', '-in', 'ca', '-inkey', 'key', '-passout', 'pass:lamp', '-out', 'pfx');
  } catch (error) {
    rmSync(folder, { recursive: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return {
    cert: readFileSync(join(folder, 'ca')),
    key: readFileSync(join(folder, 'key')),
    caPath: join(folder, 'ca'),
    pfxPath: join(folder, 'pfx'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** A program that runs beside a test. */
export interface Running {
  /** What it wrote on both streams so far. */
  readonly output: () => string;
  /** Resolves when what it wrote matches. */
  wrote(pattern: RegExp): Promise<RegExpExecArray>;
  /** @param signal  SIGTERM unless given */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program; undefined where it is not installed. */
export async function start(program: string, args: readonly string[]): Promise<Running | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let output = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
      for (const look of waiting) look();
    });
  }
  const started = await new Promise<boolean>((resolve, reject) => {
    child.once('spawn', () => resolve(true));
    child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(false) : reject(error)));
  });
  if (!started) return undefined;
  return {
    output: () => output,
    async wrote(pattern) {
      await until(
        () => pattern.test(output),
        (look) => {
          waiting.add(look);
          return () => waiting.delete(look);
        },
        () => `${program} did not write ${pattern}, but: ${output}`,
      );
      return pattern.exec(output) as RegExpExecArray;
    },
    async stop(signal) {
      child.kill(signal);
      await ended;
    },
  };
}

/** Defines tests that need something of the system; where it is missing they are skipped, and say so in a line each. */
export function needing(it: Test, tool: string, available: unknown): (title: string, test: () => unknown) => void {
  return (title, test) => {
    if (available) {
      it(title, async () => {
        await test();
      });
      return;
    }
    console.log(`skipped: ${title}: needs ${tool}`);
    it.skip(`${title} (skipped: needs ${tool})`, () => {});
  };
}
