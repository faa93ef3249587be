import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { preview } from '../../../hosts/common/index.ts';

const it = suite('preview');

it('shows values as people read JSON', () => {
  const cases: [unknown, string][] = [
    [21.5, '21.5'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ x: 1, y: [true, 'z'] }, '{"x": 1, "y": [true, "z"]}'],
    [Buffer.from('abc'), '<Buffer 3>'],
    [() => 1, '<function>'],
    [12n, '12'],
    [new Error('no'), 'Error: no'],
  ];
  for (const [value, text] of cases) assert.is(preview(value, 100), text);
});

it('cuts what is long, and says so by its last character', () => {
  assert.is(preview('a'.repeat(50), 10), `"${'a'.repeat(8)}…`);
  assert.is(preview(Array(1e7).fill(7), 10), '[7, 7, 7,…');
  assert.is(preview({ ['k'.repeat(1e6)]: 1 }, 10).length, 10);
  assert.is(preview('a'.repeat(8), 10), `"${'a'.repeat(8)}"`);
});

it('is not led astray by what is cyclic, deep or throws', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  assert.match(preview(cyclic, 1000), /<deeper>/);
  const thrower = {
    get x(): never {
      throw new Error('no');
    },
  };
  assert.is(preview(thrower, 100), '<unreadable>');
  assert.is(preview(Object.create(null), 100), '{}');
});

it.run();
