import type * as Esbuild from 'esbuild';
import { BoundedMap } from './bounded-map.ts';
import { requireNear } from './require-near.ts';

/** A global name no accessor would use: esbuild puts the exports of a module there. */
const exportsOfModule = '__accessorExports';

const compiled = new BoundedMap<string>(500);

/**
 * Turns an accessor written in TypeScript into the function body that hosts evaluate. In module form
 * (`export function setup`) the exports are copied to `exports` once the file has run; a file without imports and exports
 * uses `exports` by itself and only loses its types.
 * @throws Error `FILE:LINE:COLUMN: message: the line itself`
 */
export function compileTypeScript(code: string, file: string): string {
  const key = `${file}\n${code}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const esbuild = requireNear(import.meta.url)('esbuild') as typeof Esbuild; // only when there is TypeScript to compile
  const options = { loader: 'ts', platform: 'node', target: 'node20', sourcefile: file, logLevel: 'silent' } as const;
  let script: string;
  try {
    script = esbuild.transformSync(code, options).code;
    if (isModule(script)) {
      script = esbuild.transformSync(code, {
        ...options,
        format: 'iife',
        globalName: exportsOfModule,
        footer: `Object.assign(exports, ${exportsOfModule});`,
      }).code;
    }
  } catch (error) {
    throw located(error as Esbuild.TransformFailure, file);
  }
  compiled.set(key, script);
  return script;
}

/** Output of esbuild has its imports and exports at the start of lines. */
function isModule(script: string): boolean {
  return /^(?:import|export)[\s{*"]/m.test(script);
}

function located(failure: Esbuild.TransformFailure, file: string): Error {
  const first = failure.errors?.[0];
  if (!first?.location) return failure;
  const { line, column, lineText } = first.location;
  return new SyntaxError(`${file}:${line}:${column + 1}: ${first.text}: ${lineText.trim()}`, { cause: failure });
}
