import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { counter, type Family, gauge, histogram } from '../../../src/metrics/family.ts';
import { Histogram } from '../../../src/metrics/histogram.ts';
import { expose, formatOf, type Reading, takesGzip } from '../../../src/metrics/index.ts';

const it = suite('the exposition of metrics');
const nothing = {} as Reading;

const durations = new Histogram([0.1, 1]);
for (const value of [0.05, 0.1, 0.5, 7]) durations.observe(value);
const families: readonly Family[] = [
  counter('lamp_switches_total', 'Switches.', ['lamp', 'to'], () => [
    [3, 'hall', 'on'],
    [2.5, 'a "b" \\ \n c', 'off'],
    [undefined, 'unknown', 'on'],
  ]),
  gauge('lamp_power_watts', 'Power.', [], () => [[12]]),
  histogram('lamp_delay_seconds', 'Delay.', ['lamp'], () => [[durations, 'hall']]),
];

it('is the text format of Prometheus', async () => {
  assert.is(
    await expose(families, nothing, 'prometheus'),
    `# HELP lamp_switches_total Switches.
# TYPE lamp_switches_total counter
lamp_switches_total{lamp="hall",to="on"} 3
lamp_switches_total{lamp="a \\"b\\" \\\\ \\n c",to="off"} 2.5
# HELP lamp_power_watts Power.
# TYPE lamp_power_watts gauge
lamp_power_watts 12
# HELP lamp_delay_seconds Delay.
# TYPE lamp_delay_seconds histogram
lamp_delay_seconds_bucket{lamp="hall",le="0.1"} 2
lamp_delay_seconds_bucket{lamp="hall",le="1"} 3
lamp_delay_seconds_bucket{lamp="hall",le="+Inf"} 4
lamp_delay_seconds_sum{lamp="hall"} 7.65
lamp_delay_seconds_count{lamp="hall"} 4
`,
  );
});

it('is OpenMetrics, where counters are named without their ending, and there is an end', async () => {
  const lines = (await expose(families.slice(0, 2), nothing, 'openmetrics')).split('\n');
  assert.equal(lines.slice(0, 3), [
    '# HELP lamp_switches Switches.',
    '# TYPE lamp_switches counter',
    'lamp_switches_total{lamp="hall",to="on"} 3',
  ]);
  assert.equal(lines.slice(-3), ['lamp_power_watts 12', '# EOF', '']);
});

it('lets other work of the event loop in between', async () => {
  let turns = 0;
  const many = Array.from({ length: 20 }, () => families[1] as Family);
  let over = false;
  const count = (): void => {
    turns++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  await expose(many, nothing, 'prometheus');
  over = true;
  assert.ok(turns >= 15, `${turns} turns`);
});

const prometheus =
  'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
for (const [accept, format] of [
  [undefined, 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/plain', 'prometheus'],
  [prometheus, 'openmetrics'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text;q=0', 'prometheus'],
  ['application/openmetrics-text;q=0.2, text/plain;q=0.9', 'prometheus'],
  [';;,=,q', 'prometheus'],
] as const) {
  it(`answers Accept: ${accept} in the format ${format}`, () => {
    assert.is(formatOf(accept), format);
  });
}

for (const [encoding, takes] of [
  [undefined, false],
  ['gzip', true],
  ['deflate, GZIP;q=0.5', true],
  ['gzip;q=0', false],
  ['identity', false],
] as const) {
  it(`${takes ? 'compresses' : 'does not compress'} for Accept-Encoding: ${encoding}`, () => {
    assert.is(takesGzip(encoding), takes);
  });
}

it.run();
