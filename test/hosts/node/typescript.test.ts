import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileTypeScript } from '../../../hosts/node/index.ts';

const it = suite('typescript');
type Exports = Record<string, unknown>;

/** Evaluates compiled text the way hosts do. */
function evaluate(code: string, require: (name: string) => unknown = () => ({})): Exports {
  const exports: Exports = {};
  new Function('exports', 'require', code).call({}, exports, require);
  return exports;
}

it('copies the exports of a module to exports, where they can be overridden', () => {
  const exports = evaluate(
    compileTypeScript(
      "export const field: number = 1;\nexport function setup(this: { input(n: string): void }): void { this.input('x'); }\n",
      'A.ts',
    ),
  );
  assert.is(exports.field, 1);
  exports.setup = undefined;
  assert.is(exports.setup, undefined);
});

it('turns imports into require of the host, and drops those of types', () => {
  const asked: string[] = [];
  const exports = evaluate(
    compileTypeScript(
      "import type { X } from './x.ts';\nimport { inspect } from 'util';\nexport const text: string = inspect(1);\n",
      'B.ts',
    ),
    (name) => {
      asked.push(name);
      return { inspect: (value: unknown) => `<${value}>` };
    },
  );
  assert.equal(asked, ['util']);
  assert.is(exports.text, '<1>');
});

it('only takes the types from a file that uses exports by itself', () => {
  const exports = evaluate(compileTypeScript('const n: number = 2;\nexports.twice = (x: number): number => n * x;\n', 'C.ts'));
  assert.is((exports.twice as (x: number) => number)(4), 8);
});

it('tells file, line, column and the line itself of a syntax error', () => {
  assert.throws(
    () => compileTypeScript('export function setup() {\n  this.input(;\n}\n', '/x/Bad.ts'),
    (error: Error) => /^\/x\/Bad\.ts:2:14: .*: this\.input\(;$/.test(error.message),
  );
});

it.run();
