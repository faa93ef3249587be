import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plot } from './plot.ts';
import { comparison, report } from './report.ts';
import { isMet, type Row, ratioAtLeast } from './workload.ts';

const it = suite('bench report');
const row: Row = { name: 'chain of 10', own: 5, reference: 10, unit: 'reactions/s', spread: 0.02, target: ratioAtLeast(0.4) };
const results = (own: number) => ({ chain: { title: 'Chains', rows: [{ ...row, own }] } });

it('tells whether a target is met, by the ratio or by the figure itself', () => {
  assert.is(isMet(row), true);
  assert.is(isMet({ ...row, own: 3.9 }), false);
  assert.is(isMet({ ...row, target: { of: 'own', bound: 'at most', value: 4.9 } }), false);
  const { target: _, ...without } = row;
  assert.is(isMet(without), undefined);
});

it('prints a row for each figure with its ratio, spread and target', () => {
  assert.match(report(results(3)), /chain of 10 +3 +10 +reactions\/s +0\.30 x +±2 % +>= 0\.4 x +NOT MET/);
});

it('compares by the ratio, and takes what lies within the spread for no change', () => {
  assert.match(comparison(results(5), results(3)), /0\.50 x +0\.30 x +-40 %, worse +now NOT MET/);
  assert.match(comparison(results(3), results(5)), /\+67 %, better +now met/);
  assert.match(comparison(results(5), results(5.05)), /within the spread/);
  assert.match(comparison({}, results(5)), /new/);
});

it('draws the figure, the reference and the target of each row', () => {
  const drawn = plot('a < b', [row]);
  assert.match(drawn, /a &lt; b/);
  for (const kind of ['own', 'reference', 'target']) assert.match(drawn, new RegExp(`class="${kind}"`));
  assert.match(plot('missed', [{ ...row, own: 1 }]), /class="missed"/);
});

it.run();
