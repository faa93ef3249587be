import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseHeader } from '../../../src/reference/index.ts';

const it = suite('headers');

const header = `/** Counts lamps;
 *  all of them.
 *  @input on          any
 *  @input level       number, default 1e-9; 0 to 1; more is
 *                     cut off
 *  @output count      int, spontaneous
 *  @parameter labels  JSON, default {"a": [1, 2], "b": ", spontaneous"}
 *  @error reports a lamp
 *  that is broken
 *  @error throws without lamps
 *  @example
 *  if (lamp) {
 *    count();
 *  } */
`;

for (const [form, source] of [
  [
    'TypeScript',
    `import type { A } from 'a';\n\n/** Something else. */\nconst x = 1;\n\n${header}export function setup(this: A): void {}\n`,
  ],
  ['CommonJS', `${header}exports.setup = function () {};\n`],
  ['module.exports', `'use strict';\n${header}\nmodule.exports.setup = () => {};\n`],
  ['text of another accessor before it', `const code = \`\nexports.setup = function () {};\n\`;\n${header}export function setup() {}\n`],
  ['lines that end as on Windows', `${header}exports.setup = function () {};\n`.replaceAll('\n', '\r\n')],
] as const) {
  it(`are read right before setup: ${form}`, () => {
    assert.equal(parseHeader(source), {
      purpose: 'Counts lamps; all of them.',
      inputs: [
        { name: 'on', type: 'any', note: '' },
        { name: 'level', type: 'number', value: 1e-9, note: '0 to 1; more is cut off' },
      ],
      outputs: [{ name: 'count', type: 'int', spontaneous: true, note: '' }],
      parameters: [{ name: 'labels', type: 'JSON', value: { a: [1, 2], b: ', spontaneous' }, note: '' }],
      errors: ['reports a lamp that is broken', 'throws without lamps'],
      example: 'if (lamp) {\n  count();\n}',
    });
  });
}

it('are not there without a comment right before setup', () => {
  for (const source of ['', 'exports.setup = 1;', '/** A. */\nlet x;\nexports.setup = 1;', '/* A. */\nexports.setup = 1;', '/** A. */']) {
    assert.is(parseHeader(source), undefined);
  }
});

it('with a port that cannot be read are refused with its line', () => {
  for (const [line, message] of [
    ['@input x', /of a port: x; expected: NAME TYPE/],
    ['@input x number default 1', /of a port: x number default 1; expected/],
    ["@input x string, default 'a'", /of a port: x string, default 'a'; the default should be JSON/],
  ] as const) {
    assert.throws(() => parseHeader(`/** A.\n * ${line} */\nexports.setup = 1;`), message);
  }
});

it.run();
