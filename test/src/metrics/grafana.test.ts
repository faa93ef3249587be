import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { families } from '../../../src/metrics/index.ts';
import { folderWith } from '../../support/folder.ts';
import { needing } from '../../support/live.ts';
import { hasPrometheus, promtool } from '../../support/prometheus.ts';
import { root } from '../../support/run.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}
interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string | { readonly query: string } }[] };
  readonly panels: readonly Panel[];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const it = suite('the dashboard and the alert rules');
const withPromtool = needing(it, 'Prometheus', hasPrometheus);
const alerts = join(root, 'src/metrics/alerts.yml');
const dashboard = JSON.parse(readFileSync(join(root, 'src/metrics/dashboard.json'), 'utf8')) as Dashboard;
const { groups } = parse(readFileSync(alerts, 'utf8')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

/** Every name that Prometheus has of these metrics, and its own. */
const known = new Set([
  'up',
  ...families.flatMap(({ name, type }) => (type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name])),
]);

function unknownIn(expr: string): string[] {
  return (expr.match(/\b(?:up|(?:swarmlet|swarmbox|process|nodejs)_\w+)\b/g) ?? []).filter((name) => !known.has(name));
}

it('ask for metrics that there are, and for all that are about swarmlets', () => {
  const variables = dashboard.templating.list.map(({ query }) => (typeof query === 'string' ? query : query.query));
  const all = [...variables, ...queries.map(({ expr }) => expr), ...rules.map(({ expr }) => expr)];
  assert.equal(all.flatMap(unknownIn), []);
  const asked = all.join('\n');
  const missed = families.map(({ name }) => name).filter((name) => name.startsWith('swarmlet_') && !asked.includes(name));
  assert.equal(missed, ['swarmlet_state_timestamp_seconds']);
});

it('the dashboard can be imported: its own name, panels that differ and lie beside each other', () => {
  assert.ok(dashboard.title !== '' && /^[\w-]{1,40}$/.test(dashboard.uid) && dashboard.schemaVersion >= 36);
  assert.is(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  const cells = dashboard.panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
    assert.ok(x >= 0 && w > 0 && x + w <= 24, title);
    return Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`);
  });
  assert.is(new Set(cells).size, cells.length);
  const names = new Set(['datasource', '__range', '__rate_interval', ...dashboard.templating.list.map(({ name }) => name)]);
  const used = queries.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name as string));
  assert.equal(
    [...new Set(used)].filter((name) => !names.has(name)),
    [],
  );
});

withPromtool('the queries of the dashboard are such that Prometheus takes them', async () => {
  const rates = queries.map(({ expr }, i) => ({
    record: `query:${i}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h').replace(/\$\w+/g, '.*'),
  }));
  const folder = folderWith({ 'queries.yml': JSON.stringify({ groups: [{ name: 'dashboard', rules: rates }] }) });
  assert.match((await promtool(['check', 'rules', join(folder.path, 'queries.yml')])) || 'fine', 'fine');
  folder.remove();
});

withPromtool('the rules are such that Prometheus takes them, and do what their tests say', async () => {
  assert.is(await promtool(['check', 'rules', alerts]), '');
  assert.is(await promtool(['test', 'rules', join(root, 'test/src/metrics/alerts.test.yml')]), '');
});

it('each rule has a test where it fires and one where it does not', () => {
  const text = readFileSync(join(root, 'test/src/metrics/alerts.test.yml'), 'utf8');
  const { tests } = parse(text) as {
    readonly tests: readonly {
      readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
    }[];
  };
  const tried = tests.flatMap(({ alert_rule_test }) =>
    alert_rule_test.map(({ alertname, exp_alerts }) => `${alertname} ${exp_alerts.length > 0}`),
  );
  assert.equal([...new Set(tried)].sort(), rules.flatMap(({ alert }) => [`${alert} false`, `${alert} true`]).sort());
});

it('each rule says what is wrong, where, and what to do', () => {
  const text = readFileSync(alerts, 'utf8');
  assert.is(text.match(/summary: .*\$labels\.box/g)?.length, rules.length);
  assert.is(text.match(/description: /g)?.length, rules.length);
});

it.run();
