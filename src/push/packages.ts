import { createRequire, isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import type { BuildFailure, BuildResult, Plugin } from 'esbuild';
import { boxModules, moduleName, pureModules } from '../../hosts/node/index.ts';
import type { CarriedFile, Closure } from './closure.ts';
import { pushErrors } from './errors.ts';

const pure: ReadonlySet<string> = new Set(pureModules.map(({ name }) => name));
const ofBoxes: ReadonlySet<string> = new Set(boxModules.map(({ name }) => name));
const ENTRY = '(the swarmlet)';
const requireCall = /\brequire\(\s*(['"])([^'"\n]+)\1\s*\)/g;

/**
 * The closure with the npm packages that it requires, each as one file `node_modules/NAME.js`, found from the folder of the
 * swarmlet. A name that is no package here stays among the modules, as one that a box may have.
 * @throws CodedError NOT_PURE for a package that needs a native addon, or a Node module that no swarmlet has
 */
export async function withPackages(closure: Closure): Promise<Closure> {
  const core = closure.modules.find((name) => isBuiltin(name) && !ofBoxes.has(name));
  if (core !== undefined) throw pushErrors.NOT_PURE(closure.main, core, 'it is a module of Node itself');
  const folder = dirname(closure.files.get(closure.main)?.path ?? './swarmlet');
  const carried: [string, CarriedFile][] = [];
  const bundled = new Set<string>();
  for (const name of packagesOf(closure)) {
    const text = await bundleOf(name, folder, closure.main);
    if (text === undefined) continue;
    carried.push([`node_modules/${name}.js`, { text, path: undefined }]);
    bundled.add(name);
  }
  if (bundled.size === 0) return closure;
  return { ...closure, files: new Map([...closure.files, ...carried]), modules: closure.modules.filter((name) => !bundled.has(name)) };
}

/** Also what is required only later than in `setup`: the names that stand in the sources. */
function packagesOf({ files, modules }: Closure): string[] {
  const written = [...files.values()].flatMap(({ text }) => [...text.matchAll(requireCall)].map((match) => match[2] as string));
  const others = [...modules, ...written].filter((name) => {
    const module = moduleName(name);
    return !/^[./]/.test(name) && !pure.has(module) && !ofBoxes.has(module) && !isBuiltin(name) && module === name;
  });
  return [...new Set(others)];
}

/** CommonJS that needs nothing but pure modules; undefined if there is no such package. */
async function bundleOf(name: string, folder: string, main: string): Promise<string | undefined> {
  const impure: string[] = [];
  const { build } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  let result: BuildResult<{ write: false }>;
  try {
    result = await build({
      stdin: { contents: `module.exports = require(${JSON.stringify(name)});`, resolveDir: folder, sourcefile: ENTRY },
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      logLevel: 'silent',
      plugins: [purity(impure)],
    });
  } catch (error) {
    const [first] = (error as BuildFailure).errors ?? [];
    if (!first) throw error;
    if (first.location?.file.endsWith(ENTRY)) return undefined;
    throw pushErrors.NOT_BUNDLED(main, name, `${first.location?.file ?? ''}: ${first.text}`);
  }
  const [what] = impure;
  if (what !== undefined) throw pushErrors.NOT_PURE(main, name, `it needs ${what}`);
  return result.outputFiles[0]?.text;
}

/** Notes what a package needs that no swarmlet has. */
function purity(impure: string[]): Plugin {
  return {
    name: 'purity',
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path }) => {
        if (path.endsWith('.node')) impure.push(`the native addon ${path}`);
        else if (!isBuiltin(path)) return undefined;
        else if (/^(?:node:)?buffer$/.test(path)) return { path: 'buffer', namespace: 'global' };
        else if (!pure.has(moduleName(path))) impure.push(`Node's module ${path}`);
        return { path, external: true };
      });
      build.onLoad({ filter: /./, namespace: 'global' }, () => ({ contents: 'exports.Buffer = Buffer;' }));
    },
  };
}
