import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type End, type Isolate, type IsolateLimits, isolateDefaults, type SwarmletImage } from '../../hosts/node/isolate/index.ts';

const root = join(import.meta.dirname, '../..');

/** A runtime for child processes, bundled as the build does; `remove` deletes it. */
export interface Bundle {
  readonly file: string;
  remove(): void;
}

/** @param entry  relative to the root of the project */
export function bundleRuntime(entry = 'hosts/node/isolate/child.ts'): Bundle {
  const folder = mkdtempSync(join(tmpdir(), 'isolate-'));
  const file = join(folder, 'isolate.cjs');
  buildSync({
    entryPoints: [join(root, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    keepNames: true,
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__moduleUrl' },
    banner: { js: `const __moduleUrl=require('node:url').pathToFileURL(__filename).href;` },
  });
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}

/** A swarmlet of one file, `main.js`, unless other files are given. */
export function image(code: string, more: Partial<SwarmletImage> & { others?: Record<string, string> } = {}): SwarmletImage {
  const { others = {}, ...rest } = more;
  return {
    name: 'test',
    main: 'main.js',
    files: new Map(Object.entries({ 'main.js': code, ...others })),
    modules: [],
    parameters: {},
    inputs: {},
    trusted: false,
    ...rest,
  };
}

export function limits(some: Partial<IsolateLimits> = {}): IsolateLimits {
  return { ...isolateDefaults, ...some };
}

/** What an isolate does, as it does it; ask `until` for what is to come. */
export class Watcher {
  readonly outputs: [port: string, value: unknown][] = [];
  readonly logs: string[] = [];
  readonly ended: Promise<End>;
  readonly #waiting = new Set<() => void>();

  constructor(isolate: Isolate) {
    isolate.on('output', (port, value) => {
      this.outputs.push([port, value]);
      this.#look();
    });
    isolate.on('log', (level, line) => {
      this.logs.push(`${level}: ${line}`);
      this.#look();
    });
    this.ended = new Promise((resolve) => isolate.once('ended', resolve));
  }

  values(port: string): unknown[] {
    return this.outputs.filter(([name]) => name === port).map(([, value]) => value);
  }

  /** Resolves when the condition holds; fails after `ms`, and says what there was instead. */
  until(condition: () => boolean, ms = 5000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const last = JSON.stringify({ outputs: this.outputs.slice(-10), logs: this.logs.slice(-10) });
        reject(new Error(`Waited ${ms} ms for ${condition}; there was ${last}`));
      }, ms);
      this.#waiting.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
