import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from './support/run.ts';

const it = suite('boundaries');

/** The straight line of a deployment: a folder imports only those before it. */
const line = ['envelope', 'trust', 'store', 'supervisor'];

interface Import {
  readonly from: string;
  readonly to: string;
}

function sources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return (readdirSync(join(root, folder), { recursive: true }) as string[])
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.ts') && statSync(join(root, file)).isFile());
}

/** Imports of a file; those of other files as paths from the root, those of packages by name. */
function imports(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map((match) => {
    const to = (match[1] ?? match[2] ?? match[3]) as string;
    return { from: file, to: to.startsWith('.') ? relative(root, resolve(root, dirname(file), to)) : to };
  });
}

function violations(folder: string, allowed: (to: string, from: string) => boolean): string[] {
  return sources(folder)
    .flatMap(imports)
    .filter(({ from, to }) => !allowed(to, from))
    .map(({ from, to }) => `${from} imports ${to}`);
}

const isFile = (to: string): boolean => to.endsWith('.ts');
const folderOf = (path: string): string => path.split('/')[1] ?? '';

it('keeps the accessor model free of everything else', () => {
  assert.equal(
    violations('hosts/common', (to) => to.startsWith('hosts/common/')),
    [],
  );
});

it('keeps the hosts free of the deployment service', () => {
  assert.equal(
    violations('hosts/node', (to) => !isFile(to) || to.startsWith('hosts/')),
    [],
  );
});

it('enters a folder by its door', () => {
  const strangers = [...sources('src'), ...sources('hosts')].flatMap(imports).filter(({ from, to }) => {
    if (!isFile(to) || dirname(to) === dirname(from) || dirname(from).startsWith(`${dirname(to)}/`)) return false;
    if (dirname(to).startsWith(dirname(from)) && dirname(from).startsWith('hosts/')) return false; // parts of one's own folder
    return dirname(to) !== 'src' && !to.endsWith('/index.ts');
  });
  assert.equal(
    strangers.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

it('lets no folder on the line of a deployment look ahead', () => {
  for (const [index, folder] of line.entries()) {
    const before = new Set([...line.slice(0, index + 1)]);
    assert.equal(
      violations(`src/${folder}`, (to) => !to.startsWith('src/') || to === 'src/errors.ts' || before.has(folderOf(to))),
      [],
    );
  }
});

it('compiles accessors one by one: they import types only', () => {
  const found = sources('accessors').filter((file) => /^import (?!type )/m.test(readFileSync(join(root, file), 'utf8')));
  assert.equal(found, []);
});

it('ends every test file with run', () => {
  const tests = sources('test').filter((file) => file.endsWith('.test.ts'));
  assert.ok(tests.length > 5);
  assert.equal(
    // In a loop where one file has a suite for each level.
    tests.filter((file) => !/\.run\(\);\s*(?:\}\s*)?$/.test(readFileSync(join(root, file), 'utf8'))),
    [],
  );
});

it.run();
