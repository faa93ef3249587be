import { join } from 'node:path';
import type { EdgeScope, Reach } from './edge/index.ts';
import { absent, absentModules } from './modules/absent.ts';
import * as base64 from './modules/base64-js.ts';
import * as textDisplay from './modules/text-display.ts';
import { requireNear } from './require-near.ts';
import { wifiScan } from './wifi-scan.ts';

/** A module that accessor code may require (spec MODULES.md). */
export interface AccessorModule {
  /** Without the scope `@accessors-modules/`; accessor code may write it either way. */
  readonly name: string;
  /** True: it computes only and reaches nothing outside, so every swarmlet has it. Else its name is the capability. */
  readonly pure: boolean;
  /** Large: an isolate has its code only when it is required. */
  readonly apart?: boolean;
  /** What it reaches out for; a swarmlet in an isolate gets that with the module, unless it or its policy names less. */
  readonly reach?: Partial<Reach>;
  /** Called once in a swarmlet, when the module is first required. What it opens through `edge` ends with the swarmlet. */
  create(edge: EdgeScope): unknown;
  /** Of a module that has to go on for a while when its swarmlet has wrapped up: resolves when it has ended. */
  ended?(made: unknown): Promise<void>;
}

const pureNodeModules = ['assert', 'events', 'path', 'querystring', 'string_decoder', 'url', 'util'];

/** What every host has, in every isolation tier. */
export const pureModules: readonly AccessorModule[] = [
  ...pureNodeModules.map((name) => ({ name, pure: true, create: () => requireNear(import.meta.url)(`node:${name}`) })),
  { name: 'base64-js', pure: true, create: () => base64 },
  { name: 'text-display', pure: true, create: () => textDisplay },
  { ...reaching('images', {}), pure: true, apart: true },
  { ...reaching('schedule', {}), pure: true, apart: true },
  ...absentModules.map((name) => ({ name, pure: true, create: () => absent(name) })),
];

/** A file of `modules/` whose `create` makes what accessors get. */
interface ModuleFile {
  create(edge: EdgeScope): unknown;
}

/** Loaded when an accessor requires it, so that nobody waits for what he does not use. */
function reaching(name: string, reach: Partial<Reach>): AccessorModule {
  return { name, pure: false, reach, create: (edge) => (loadLazily(`modules/${name}`) as ModuleFile).create(edge) };
}

const connects: Partial<Reach> = { connect: [{ host: '*', port: '*' }] };
const listens: Partial<Reach> = { listen: ['*'] };

/** A bundle of its own in `dist`; during development the source. */
export function loadLazily(name: string): unknown {
  const fromSource = import.meta.url.endsWith('.ts');
  return requireNear(import.meta.url)(join(import.meta.dirname, fromSource ? `${name}.ts` : `${name}.cjs`));
}

/** Those that reach the world through the edge. */
export const edgeModules: readonly AccessorModule[] = [
  reaching('audio-io', { files: true }),
  reaching('cameras', {}),
  reaching('discovery', {
    interfaces: true,
    programs: ['ping -n -c 1 -W 1 *', 'ping -n -c 1 -t 1 *', 'nmap -sn -oX - *', 'ip neigh show *'],
  }),
  reaching('geolocation', { connect: [{ host: '127.0.0.1', port: 2947 }] }),
  reaching('grpc', connects),
  reaching('http-client', connects),
  reaching('http-server', listens),
  reaching('image-display', listens),
  reaching('mqtt', connects),
  reaching('postgres', connects),
  reaching('redis', connects),
  reaching('serial', { serial: true }),
  reaching('shell', { programs: ['*'] }),
  reaching('socket', { ...connects, ...listens }),
  reaching('tesseract', { programs: ['tesseract stdin stdout -l * --psm *'] }),
  reaching('udp-socket', { ...connects, ...listens }),
  reaching('user-interface', listens),
  reaching('web-socket-client', connects),
  reaching('web-socket-server', listens),
  reaching('wifi-scanner', { programs: [wifiScan.join(' ')] }),
];

/** What only a host with files and sockets of its own has. */
export const nodeModules: readonly AccessorModule[] = [reaching('local-storage', { files: true }), ...edgeModules];

/** What a box has for isolates, and gives to those it was granted to. A host in the open has the system's own files. */
export const boxModules: readonly AccessorModule[] = [reaching('fs', { files: true }), ...nodeModules];

/** Where the capability that gives a module has another name. */
const capabilities: Readonly<Record<string, string>> = { shell: 'exec', fs: 'files' };

/** What a swarmlet asks for to have a module. */
export function capabilityOf(module: string): string {
  return capabilities[module] ?? module;
}

/** Names of older accessors that differ by more than their spelling. */
const formerNames: Readonly<Record<string, string>> = {
  'computer-vision': 'images',
  imageFilters: 'images',
  motionDetector: 'images',
  'shell/shell': 'shell',
  webSocket: 'web-socket-client',
};

const known = new Set([...pureModules, ...nodeModules].map(({ name }) => name));

/** The name of a module whatever way it is asked for: with a scope or not, `webSocketClient` as well as `web-socket-client`. */
export function moduleName(asked: unknown): string {
  const name = String(asked).replace(/^(?:node:|@accessors-modules\/)/, '');
  const hyphenated = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return formerNames[name] ?? (known.has(hyphenated) ? hyphenated : name);
}

/** The modules of one swarmlet. */
export class Modules {
  readonly #byName: ReadonlyMap<string, AccessorModule>;
  readonly #otherwise: (name: string) => unknown;
  readonly #edge: EdgeScope | undefined;
  readonly #made = new Map<string, unknown>();

  /**
   * @param otherwise  what to do with a name that is none of the modules; it throws where there is nothing else
   * @param edge       only to be left out when all modules are pure
   */
  constructor(modules: readonly AccessorModule[], otherwise: (name: string) => unknown, edge?: EdgeScope) {
    this.#byName = new Map(modules.map((module) => [module.name, module]));
    this.#otherwise = otherwise;
    this.#edge = edge;
  }

  /** @throws Error that names the module */
  readonly require = (asked: string): unknown => {
    const name = moduleName(asked);
    const module = this.#byName.get(name);
    if (!module) return this.#otherwise(asked);
    if (!this.#made.has(name)) this.#made.set(name, module.create(this.#edge as EdgeScope));
    return this.#made.get(name);
  };

  /** Of the modules that have to go on for a while, one each. */
  endings(): Promise<void>[] {
    return [...this.#made].flatMap(([name, made]) => this.#byName.get(name)?.ended?.(made) ?? []);
  }
}
