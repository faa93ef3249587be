import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import { boxModules } from '../../hosts/node/modules.ts';
import { compileTypeScript } from '../../hosts/node/typescript.ts';
import { configJsonSchema } from '../../src/config/index.ts';
import { classTypes, collectReference, indexFile } from '../../src/reference/index.ts';
import { protocolDocument, statementSchema } from '../../src/schema/index.ts';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
/** Built here first, so that a build that fails, or is under way, leaves the last one in its place. */
const fresh = join(root, `.dist-${process.pid}`);
/** The last one, until it is removed. */
const old = join(root, `.dist-${process.pid}-old`);

interface Bundle {
  readonly from: string;
  readonly to: string;
  readonly banner?: string;
  readonly footer?: string;
}

/** As Node wraps a module, for code that is compiled ahead. */
const asFunction = { banner: '(function (exports, require, module, __filename, __dirname) {', footer: '})' };

/** What is bundled into `dist`; every bundle is CommonJS, which starts faster than ES modules, and stands alone. */
const bundles: readonly Bundle[] = [
  { from: 'src/index.ts', to: 'index.code.js', ...asFunction },
  { from: 'src/deploy.ts', to: 'deploy.cjs' },
  { from: 'src/deployment.ts', to: 'deployment.cjs' },
  { from: 'src/cli/bin.ts', to: 'accessors.code.js', ...asFunction },
  { from: 'hosts/node/isolate/child.ts', to: 'isolate.cjs' },
  { from: 'hosts/node/isolate/thread-child.ts', to: 'isolate-thread.cjs' },
  { from: 'hosts/node/edge/own/worker.ts', to: 'folders.cjs' },
  { from: 'src/push/collect.ts', to: 'collect.cjs' },
  { from: 'src/store/database-worker.ts', to: 'store.cjs' },
];

/** Loaded one by one when an accessor requires them, also where there is no node_modules: their packages are in them. */
const modules = [
  { from: 'hosts/node/edge/plain-edge.ts', to: 'edge/plain-edge.cjs' },
  ...['images', 'schedule', ...boxModules.map(({ name }) => name)].map((name) => ({
    from: `hosts/node/modules/${name}.ts`,
    to: `modules/${name}.cjs`,
  })),
];

// What the service loads at every start is bundled; these are looked up when first used.
const lookedUp = ['ws', 'tweetnacl', 'esbuild', 'semver', 'pino', 'yaml', 'libsql', 'bonjour-service'];
/** Native ones, which not everybody has. */
const optional = ['serialport', 'bufferutil', 'utf-8-validate', 'pg-native', 'pg-cloudflare'];

function bundle({ from, to, banner = '', footer = '' }: Bundle, external: string[]): Metafile {
  const { metafile } = buildSync({
    entryPoints: [join(root, from)],
    outfile: join(fresh, to),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    external,
    metafile: true,
    // A path does where the URL is asked for: `createRequire` takes either, and a URL costs half a millisecond of each start.
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    banner: { js: banner },
    footer: { js: footer },
    logLevel: 'warning',
  });
  return metafile;
}

/** The licences of the packages that are in the bundles, which ask to go with them. */
function licences(metafiles: readonly Metafile[]): void {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const texts = [...new Set([...folders, 'node_modules/dejavu-fonts-ttf'])].sort().map((folder) => {
    const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return `${name} ${version}, ${license}\n\n${file ? readFileSync(join(root, folder, file), 'utf8').trim() : ''}\n`;
  });
  writeFileSync(join(fresh, 'LICENSES.txt'), texts.join(`\n${'-'.repeat(100)}\n\n`));
}

/**
 * `NAME.cjs`, which starts from what V8 makes here of the functions that a run needs: to parse a bundle again takes longer than to run
 * it. V8 checks that the data fits its version, its flags and the length of the code, and else compiles the code; the
 * name holds what V8 does not check. The code is called the same on all machines, as its name is part of the data.
 * @param run      a statement behind the start
 * @param words    of the command line
 * @param shebang  the first line, of a program
 */
function compiledAhead(name: string, run: string, words: readonly string[], shebang = ''): void {
  const start = `const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');
const data = join(__dirname, ['${name}', process.platform, process.arch, process.versions.v8, 'data'].join('.'));
const script = new Script(readFileSync(join(__dirname, '${name}.code.js'), 'utf8'), {
  filename: 'accessors/dist/${name}.code.js',
  cachedData: existsSync(data) ? readFileSync(data) : undefined,
});
script.runInThisContext()(exports, require, module, __filename, __dirname);
`;
  if (/\bimport\(/.test(readFileSync(join(fresh, `${name}.code.js`), 'utf8'))) throw new Error(`${name} imports, which fails in it`);
  writeFileSync(join(fresh, `${name}.cjs`), `${shebang}${start}`);
  const keep = "process.on('exit', () => require('node:fs').writeFileSync(data, script.createCachedData()));";
  const code = start.replaceAll('__dirname', JSON.stringify(fresh)).replace('script.run', `${keep}\nscript.run`);
  execFileSync(process.execPath, ['-e', `${code}${run}`, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** What starts often: files that are run, and commands. */
function startsFast(): void {
  const first = join(fresh, 'first.js');
  writeFileSync(first, 'exports.setup = function () {}; exports.initialize = function () { console.log(); this.stop(); };');
  compiledAhead('index', `invoke(['', '', ${JSON.stringify(first)}]);`, []);
  rmSync(first);
  compiledAhead('accessors', '', ['accessors', '--version'], '#!/usr/bin/env node\n');
  chmodSync(join(fresh, 'accessors.cjs'), 0o755);
  writeFileSync(join(fresh, 'import.cjs'), 'module.exports = (url) => import(url);\n');
}

/** An ES module with the same exports, so that `import` and `require` give one and the same. */
function wrapper(name: string): void {
  const names = Object.keys(createRequire(import.meta.url)(join(fresh, `${name}.cjs`))).filter((one) => one !== 'default');
  writeFileSync(
    join(fresh, `${name}.js`),
    `import all from './${name}.cjs';\nexport const { ${names.sort().join(', ')} } = all;\nexport default all;\n`,
  );
}

/** What a bundle reads of its packages beside their code. */
function assets(): void {
  copyFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm'), join(fresh, 'modules/resvg.wasm'));
  copyFileSync(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'), join(fresh, 'modules/letters.ttf'));
}

/** The library's accessors, each compiled by itself: a file is what travels. */
function accessors(folder: string): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) accessors(path);
    else if (entry.name.endsWith('.ts')) {
      const to = join(fresh, path.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, compileTypeScript(readFileSync(join(root, path), 'utf8'), relative(root, join(root, path))));
    }
  }
}

/** What a browser loads before it shows anything may not be larger, in bytes before compression. */
const pageBudget = 120_000;

/** The page of a box. Its files are asked for with a digest behind their names, so that a browser may keep them. */
function page(): Metafile {
  const from = join(root, 'src/dashboard/page');
  const to = join(fresh, 'page');
  mkdirSync(to, { recursive: true });
  // Finds places for the accessors of a graph: in a worker of the browser, and for `accessors graph`.
  copyFileSync(join(root, 'node_modules/elkjs/lib/elk-worker.min.js'), join(to, 'elk-worker.cjs'));
  copyFileSync(join(from, 'icon.svg'), join(to, 'icon.svg'));
  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(to, name)))
      .digest('hex')
      .slice(0, 12);
  const target = ['chrome111', 'firefox115', 'safari16.4'];
  const common = { bundle: true, minify: true, platform: 'browser' as const, target };
  buildSync({ ...common, entryPoints: [join(from, 'theme-first.ts')], outfile: join(to, 'theme.js'), format: 'iife', logLevel: 'warning' });
  const { metafile } = buildSync({
    ...common,
    entryPoints: { page: join(from, 'index.ts'), style: join(from, 'page.css') },
    outdir: to,
    chunkNames: 'chunk-[hash]',
    splitting: true,
    format: 'esm',
    metafile: true,
    define: { ELK_WORKER: JSON.stringify(`/page/elk-worker.cjs?${digest('elk-worker.cjs')}`) },
    logLevel: 'warning',
  });
  const html = readFileSync(join(from, 'index.html'), 'utf8').replace(
    /(\/page\/)([\w.-]+)\?%\w+%/g,
    (_, path, name) => `${path}${name}?${digest(name)}`,
  );
  writeFileSync(join(to, 'index.html'), html);
  const first = firstLoad(metafile).reduce((sum, bytes) => sum + bytes, html.length);
  if (first > pageBudget) throw new Error(`The page loads ${first} bytes before it shows anything, ${pageBudget} are allowed`);
  return metafile;
}

/** Sizes of what the entry points import, and not only when they need it. */
function firstLoad({ outputs }: Metafile): number[] {
  const open = Object.keys(outputs).filter((name) => outputs[name]?.entryPoint);
  const entries = open.filter((name) => /\/page\.js$|\.css$/.test(name));
  const seen = new Set<string>();
  for (let name = entries.pop(); name !== undefined; name = entries.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const { path, kind } of outputs[name]?.imports ?? []) if (kind === 'import-statement') entries.push(path);
  }
  return [...seen].map((name) => outputs[name]?.bytes ?? 0);
}

/** What Prometheus and Grafana are given. */
function monitoring(): void {
  mkdirSync(join(fresh, 'metrics'), { recursive: true });
  for (const name of ['alerts.yml', 'dashboard.json']) copyFileSync(join(root, 'src/metrics', name), join(fresh, 'metrics', name));
}

/** The start files of the classic host, where existing scripts look for them. */
function startFiles(): void {
  const file = (name: string, body: string): void => writeFileSync(join(root, 'hosts/node', name), `${body}\n`);
  file(
    'nodeHostInvoke.js',
    "import { processCommandLineArguments } from '../../dist/index.js';\nprocessCommandLineArguments(process.argv.slice(2));",
  );
  file('nodeHostShell.js', "import { startHostShell } from '../../dist/index.js';\nstartHostShell();");
}

/** The declarations that users of TypeScript get. */
function types(): void {
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      root,
      '--noEmit',
      'false',
      '--emitDeclarationOnly',
      '--outDir',
      join(fresh, 'types'),
    ],
    { stdio: 'inherit' },
  );
  for (const folder of ['test', 'accessors']) rmSync(join(fresh, 'types', folder), { recursive: true, force: true });
  const classes = join(fresh, 'types/hosts/common/accessor-classes.d.ts');
  const empty = /export interface AccessorClasses \{\s*\}/;
  const text = readFileSync(classes, 'utf8');
  if (!empty.test(text)) throw new Error(`${classes} has no place for the classes`);
  writeFileSync(
    classes,
    text.replace(empty, () => classTypes(collectReference(join(root, 'accessors')))),
  );
}

try {
  const built = bundles.filter(({ from }) => existsSync(join(root, from))).map((one) => bundle(one, [...lookedUp, ...optional]));
  licences([...built, ...modules.map((one) => bundle(one, optional)), page()]);
  startsFast();
  for (const name of ['index', 'deploy']) wrapper(name);
  assets();
  monitoring();
  accessors('accessors');
  writeFileSync(join(fresh, relative(dist, indexFile)), JSON.stringify(collectReference(join(root, 'accessors'))));
  for (const [name, document] of Object.entries({
    'swarmbox.schema.json': configJsonSchema(),
    'swarmlet.v1.schema.json': statementSchema(),
    'swarmlet.v1.asyncapi.json': protocolDocument(),
  })) {
    writeFileSync(join(fresh, name), `${JSON.stringify(document, null, 2)}\n`);
  }
  startFiles();
  if (process.argv.includes('--types')) types();
  // Whatever runs from there meanwhile, as a box or a test, must find its files: they are gone only between two renames.
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
}
