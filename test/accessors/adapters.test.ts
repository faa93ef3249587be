import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, printed, react, sent } from '../support/library.ts';

const it = suite('adapters');

for (const [name, value, converted] of [
  ['CelsiusToFahrenheit', 100, 212],
  ['CelsiusToFahrenheit', -40, -40],
  ['KelvinToFahrenheit', 273.15, 32],
  ['KelvinToFahrenheit', 373.15, 212],
  ['Identity', 'a text', 'a text'],
] as const) {
  it(`${name} converts ${value} to ${converted}`, () => {
    assert.equal(react(library().run(`adapters/${name}`), { in: value }), { out: converted });
  });
}

it('passes the placeholder $? unchanged', () => {
  assert.equal(react(library().run('adapters/CelsiusToFahrenheit'), { in: '$?' }), { out: '$?' });
});

it('converts in every reaction: without an input, null', () => {
  const adapter = library().run('adapters/CelsiusToFahrenheit');
  const outputs = sent(adapter);
  adapter.react();
  adapter.react();
  assert.equal(outputs, [
    ['out', 32],
    ['out', 32],
  ]);
});

it('Adapter itself reports that matching is missing and sends null', async () => {
  const adapter = library().run('adapters/Adapter');
  const { err } = await printed(() => assert.equal(react(adapter, { in: 1 }), { out: null }));
  assert.match(err.join('\n'), /export a function matching\(value\)/);
});

it('calls beforeMatching, then matching, as methods of the most derived exports', () => {
  const { node } = library();
  const adapter = node.host.instantiateFromCode(
    'derived',
    `const seen = [];
     exports.setup = function () { this.extend('adapters/Identity'); };
     exports.beforeMatching = function (value) { seen.push(['before', value, this === exports]); };
     exports.matching = function (value) { seen.push(['matching', value, this === exports]); return seen.splice(0); };`,
  );
  adapter.initialize();
  const { out } = react(adapter, { in: 7 });
  assert.equal(out, [
    ['before', 7, true],
    ['matching', 7, true],
  ]);
});

it.run();
