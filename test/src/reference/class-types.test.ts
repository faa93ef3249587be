import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../../hosts/node/index.ts';
import { classTypes, collectReference } from '../../../src/reference/index.ts';

const it = suite('types of the classes');
const folder = mkdtempSync(join(packageRoot, '.class-types-')); // inside, where the compiler finds @types
it.after(() => rmSync(folder, { recursive: true }));

/** What the compiler says of a swarmlet that has the types as the package has them; empty: nothing. */
function compiled(swarmlet: string): string {
  const types = classTypes(collectReference(join(packageRoot, 'accessors'))).replace('export ', '');
  const augmented = `export {};\ndeclare module '../hosts/common/accessor-classes.ts' { ${types} }\n`;
  writeFileSync(join(folder, 'classes.ts'), augmented);
  const head =
    "import './classes.ts';\nimport type { AccessorContext } from '../src/index.ts';\nimport { instantiate } from '../src/index.ts';\n";
  writeFileSync(join(folder, 'swarmlet.ts'), head + swarmlet);
  const config = { extends: '../tsconfig.json', include: ['*.ts'], exclude: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  try {
    execFileSync(process.execPath, [join(packageRoot, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

it('compiles a swarmlet that names what there is, and refuses the rest', () => {
  const said = compiled(`
    export function setup(this: AccessorContext): void {
      const clock = this.instantiate('clock', 'utilities/Clock');
      clock.setParameter('interval', 500);
      const rest = this.instantiate('rest', 'net/REST');
      rest.setDefault('options', { url: 'http://lamp.local' });
      rest.setDefault('command', 'state');
      rest.provideInput('trigger', true);
      this.connect(clock, 'output', rest, 'trigger');
      this.instantiate('own', './Own').setParameter('anything', 'any value');
      const name: string = './Other';
      this.instantiate('other', name).provideInput('whatever', 1);
      const status: string | null | undefined = rest.latestOutput('status');
      const unknownThing: unknown = this.instantiate('own', './Own').latestOutput('x');
      void [status, unknownThing];
    }
    const query = instantiate('query', 'net/PrometheusQuery');
    query.setDefault('query', 'up');
    const value: number | null | undefined = query.latestOutput('value');
    // @ts-expect-error it is any value
    const wrong: number = query.latestOutput('result');
    // @ts-expect-error a number is asked for
    instantiate('clock', 'utilities/Clock').setParameter('interval', '500');
    // @ts-expect-error there is no such parameter
    instantiate('clock', 'utilities/Clock').setParameter('intervall', 500);
    // @ts-expect-error there is no such input
    query.provideInput('trigg', 1);
    // @ts-expect-error there is no such output
    query.latestOutput('values');
    void [value, wrong];
  `);
  assert.is(said, '');
});

it.run();
