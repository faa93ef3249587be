import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diff } from '../../../../src/dashboard/page/diff.ts';
import { hashOf, routeOf } from '../../../../src/dashboard/page/route.ts';
import { age, visible } from '../../../../src/dashboard/page/text.ts';

const it = suite('texts of the page');

it('shows what differs, with the lines around it', () => {
  const lines = (text: string): string => text.split('').join('\n');
  const shown = (before: string, after: string): string[] =>
    diff(lines(before), lines(after)).map(
      ({ kind, text, old, new: made }) => `${{ same: ' ', added: '+', removed: '-', gap: '.' }[kind]}${text}${old ?? ''}/${made ?? ''}`,
    );
  assert.equal(shown('abcdefgh', 'abcdefgh'), ['./']);
  assert.equal(shown('abcdefgh', 'abcdXfgh'), ['./', ' b2/2', ' c3/3', ' d4/4', '-e5/', '+X/5', ' f6/6', ' g7/7', ' h8/8']);
  assert.equal(shown('ab', 'b'), ['-a1/', ' b2/1']);
  assert.equal(shown('ac', 'abc'), [' a1/1', '+b/2', ' c2/3']);
  assert.equal(
    diff('', 'x').map(({ kind }) => kind),
    ['removed', 'added'],
  );
});

it('is not held up by texts that have nothing in common', () => {
  const text = (mark: string): string => Array.from({ length: 5000 }, (_, i) => `${mark}${i}`).join('\n');
  assert.is(diff(text('a'), text('b')).length, 10_000);
});

it('shows marks that would change how a line reads (D07)', () => {
  assert.is(visible('a\u001b[31mred\u001b[0m\u202eb\u0000\r\n\tc\u2028'), 'ared\\u202eb\\u0000\\u000d\\u000a\tc\\u2028');
  assert.is(visible('<img src=x onerror=alert(1)>'), '<img src=x onerror=alert(1)>');
});

it('tells ages', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const rows: [ms: number, text: string][] = [
    [-5000, '0 s'],
    [59_000, '59 s'],
    [61_000, '1 min'],
    [7_200_000, '2 h'],
    [259_200_000, '3 d'],
  ];
  for (const [ms, text] of rows) assert.is(age(new Date(now - ms).toISOString(), now), text);
  assert.is(age('nonsense', now), '');
});

it('understands addresses, and takes a strange one for the list', () => {
  for (const hash of ['#/', '#/audit', '#/box', '#/swarmlet/lamp/graph', '#/swarmlet/a.b-c/logs']) assert.is(hashOf(routeOf(hash)), hash);
  for (const hash of ['', '#/nothing', '#/swarmlet/<b>/logs', '#/swarmlet/lamp/nothing', '#/swarmlet/../x'])
    assert.is(routeOf(hash).kind, 'list');
});

it.run();
