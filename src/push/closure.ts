import { basename } from 'node:path';
import { type AccessorApi, Host, type Source, type Structure, structureOf, WallClock } from '../../hosts/common/index.ts';
import { absentModule, carriedName, compile, compileTypeScript, nodePlatform, type SourcePath } from '../../hosts/node/index.ts';
import { pushErrors } from './errors.ts';
import { Requires } from './requires.ts';

/** A source as it travels: JavaScript, and the file it was read from (undefined: it was given as text). */
export interface CarriedFile {
  readonly text: string;
  readonly path: string | undefined;
}

/** Everything that a swarmlet needs to be set up. */
export interface Closure {
  /** Name of the top-level accessor among the files. */
  readonly main: string;
  /** By the name that `instantiate`, `extend` and `implement` ask for, `main` first. */
  readonly files: ReadonlyMap<string, CarriedFile>;
  /** Modules that were required and that not every box has, in order. */
  readonly modules: readonly string[];
}

/** A closure, and how what was set up is wired. */
export interface Inspected extends Closure {
  readonly structure: Structure;
}

/** What is pushed: a file or class as `accessors run` takes it, or source text that goes under a name `X.js`. */
export type SwarmletSource =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'code'; readonly code: string; readonly main: string };

/**
 * Finds what belongs to a swarmlet by instantiating it: its `setup` runs here, and that of everything in it.
 * @throws CodedError NOT_FOUND, NO_ACCESSOR, NAME_CLASH, OUTSIDE_NAME; what `setup` throws; SyntaxError
 */
export function collectClosure(source: SwarmletSource, path: SourcePath): Inspected {
  const files = new Map<string, CarriedFile>();
  const requires = new Requires(() => absentModule);
  const load = (name: string, from: Source | undefined): Source => {
    const found = path.load(name, from);
    carry(files, from === undefined ? carriedName(basename(found.file ?? name)) : nameFor(name, from), found);
    return found;
  };
  const host = new Host({
    clock: new WallClock(nodePlatform),
    load,
    compile,
    bindings: () => ({ require: requires.require, getResource: () => '' }),
  });
  const instance =
    source.kind === 'file' ? host.instantiate(basename(source.name).replace(/\.[jt]s$/, ''), source.name) : fromCode(host, files, source);
  const [main = ''] = files.keys();
  if (!isAccessor(instance)) throw pushErrors.NO_ACCESSOR(files.get(main)?.path ?? main);
  return { main, files, modules: requires.beyondPure, structure: structureOf(instance.core).structure };
}

function fromCode(host: Host, files: Map<string, CarriedFile>, { code, main }: SwarmletSource & { kind: 'code' }): AccessorApi {
  const text = main.endsWith('.ts') ? compileTypeScript(code, main) : code;
  files.set(carriedName(main), { text, path: undefined });
  return host.instantiateFromCode('swarmlet', text);
}

function isAccessor({ exports: { setup, initialize, fire, wrapup } }: AccessorApi): boolean {
  return [setup, initialize, fire, wrapup].some((one) => one !== undefined);
}

function carry(files: Map<string, CarriedFile>, name: string, found: Source): void {
  const there = files.get(name);
  if (there && there.path !== found.file) throw pushErrors.NAME_CLASH(name, there.path ?? 'the given source', found.file ?? 'source text');
  files.set(name, { text: found.code, path: found.file });
}

/** On the box there is one folder, in which every name is looked up. */
function nameFor(asked: string, from: Source): string {
  const name = carriedName(asked);
  if (name.startsWith('/') || name.split('/').includes('..')) throw pushErrors.OUTSIDE_NAME(asked, from.file ?? 'the given source');
  return name;
}
