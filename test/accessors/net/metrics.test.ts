import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../../support/free-port.ts';
import { give, type Live, live, needing, Outputs, Reports, start } from '../../support/live.ts';

const it = suite('PrometheusQuery, InfluxWrite');
let host: Live;
let reports: Reports;
let server: Server;
let url = '';
let handle: (request: IncomingMessage, response: ServerResponse, body: string) => void = () => {};
const folder = mkdtempSync(join(tmpdir(), 'metrics-'));

it.before(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    handle(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(async () => {
  server.close();
  server.closeAllConnections();
  await Promise.all([prometheus?.stop(), influx?.stop()]);
  rmSync(folder, { recursive: true });
});

const prometheusPort = await freePort();
writeFileSync(join(folder, 'prometheus.yml'), '{}');
const prometheus = await start('prometheus', [
  `--config.file=${join(folder, 'prometheus.yml')}`,
  `--storage.tsdb.path=${join(folder, 'data')}`,
  `--web.listen-address=127.0.0.1:${prometheusPort}`,
]);
await prometheus?.wrote(/Server is ready to receive web requests/);
const withPrometheus = needing(it, 'prometheus', prometheus);

withPrometheus('asks a query, when it comes and when it is triggered', async () => {
  const query = host.run('net/PrometheusQuery', { url: `http://127.0.0.1:${prometheusPort}/` }, { query: '20 + 1.5' });
  const outputs = new Outputs(query);
  give(query, { trigger: true });
  assert.is(await outputs.value('value'), 21.5);
  give(query, { query: 'label_replace(vector(1/0), "room", "grün", "", "")' });
  assert.is(await outputs.value('value', 2), Number.POSITIVE_INFINITY);
  const [{ labels, time }] = outputs.of('result')[1] as [{ labels: unknown; time: number }];
  assert.equal([labels, Number.isInteger(time)], [{ room: 'grün' }, true]);
  give(query, { trigger: true });
  await outputs.value('value', 3);
  give(query, { query: 'vector(1) > 2' });
  assert.equal(await outputs.value('result', 4), []);
  give(query, { query: '"text"' });
  assert.is(((await outputs.value('result', 5)) as { value: string }[])[0]?.value, 'text');
  assert.is(outputs.of('value').length, 3);
});

withPrometheus('reports what the server says of a query that is none', async () => {
  const query = host.run('net/PrometheusQuery', { url: `http://127.0.0.1:${prometheusPort}` });
  give(query, { query: 'rate(' });
  await reports.matching(/api\/v1\/query: .*parse error/);
});

it('PrometheusQuery gives ranges, and reports a server that is none, slow or absent', async () => {
  const range = [
    {
      metric: { job: 'a' },
      values: [
        [1.5, '1'],
        [2, 'NaN'],
      ],
    },
  ];
  handle = (_, response) => response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: range } }));
  const query = host.run('net/PrometheusQuery', { url, timeout: 200 }, { query: 'up[1m]' });
  const outputs = new Outputs(query);
  give(query, { trigger: true });
  assert.equal(await outputs.value('result'), [
    {
      labels: { job: 'a' },
      values: [
        { value: 1, time: 1500 },
        { value: Number.NaN, time: 2000 },
      ],
    },
  ]);
  for (const [answer, message] of [
    [(response: ServerResponse) => response.writeHead(404).end('<html>'), /404 Not Found, which is no answer of Prometheus/],
    [(response: ServerResponse) => response.end('null'), /which is no answer/],
    [() => {}, /The timeout period of 200ms/],
  ] as const) {
    handle = (_, response) => answer(response);
    give(query, { trigger: true });
    await reports.matching(message);
  }
  query.setParameter('url', 'http://127.0.0.1:1');
  give(query, { trigger: true });
  await reports.matching(/ECONNREFUSED/);
});

// -------------------------------------------------------------------------------------------------- InfluxWrite

const influxPort = await freePort();
const configuration = `
reporting-disabled = true
bind-address = "127.0.0.1:${await freePort()}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/influx"
  wal-dir = "${folder}/wal"
[http]
  bind-address = "127.0.0.1:${influxPort}"
`;
writeFileSync(join(folder, 'influx.conf'), configuration);
const influx = await start('influxd', ['-config', join(folder, 'influx.conf')]);
await influx?.wrote(/Listening for signals|Listening on HTTP/);
const withInflux = needing(it, 'influxdb', influx);

async function asked(query: string): Promise<unknown[][]> {
  const answer = await fetch(`http://127.0.0.1:${influxPort}/query?db=home&epoch=ms`, {
    method: 'POST',
    body: new URLSearchParams({ q: query }),
  });
  const { results } = (await answer.json()) as { results: { series?: { values: unknown[][] }[] }[] };
  return results[0]?.series?.[0]?.values ?? [];
}

withInflux('InfluxWrite writes values of every kind into a real server', async () => {
  await asked('CREATE DATABASE home');
  const write = host.run('net/InfluxWrite', { url: `http://127.0.0.1:${influxPort}/`, database: 'home', tags: { site: 'a b,c=d' } });
  const outputs = new Outputs(write);
  const name = 'my room, 1';
  for (const [time, fields] of [{ value: 21.5 }, { value: -3, on: true }, { text: 'say "grün"\\ \n done' }].entries()) {
    give(write, { point: { measurement: name, time: 1000 + time, tags: { room: 'kitchen sink' }, fields } });
  }
  give(write, { point: 7 });
  give(write, { point: { temperature: 20, humidity: 40 } });
  let written = 0;
  for (let n = 1; written < 5; n++) written += Number(await outputs.value('written', n));
  assert.equal(await asked(`SELECT value, "on", text, room, site FROM "${name}"`), [
    [1000, 21.5, null, null, 'kitchen sink', 'a b,c=d'],
    [1001, -3, true, null, 'kitchen sink', 'a b,c=d'],
    [1002, null, null, 'say "grün"\\ \n done', 'kitchen sink', 'a b,c=d'],
  ]);
  assert.equal(
    (await asked('SELECT value, temperature, humidity FROM accessors')).map(([, ...values]) => values),
    [
      [7, null, null],
      [null, 20, 40],
    ],
  );
});

withInflux('InfluxWrite takes 10,000 points, and those that wait at wrapup', async () => {
  await asked('CREATE DATABASE home');
  const write = host.run('net/InfluxWrite', { url: `http://127.0.0.1:${influxPort}`, database: 'home', measurement: 'many' });
  for (let time = 1; time <= 10_000; time++) give(write, { point: { fields: { n: time }, time } });
  write.wrapup();
  let count: unknown;
  for (let tries = 0; tries < 500 && count !== 10_000; tries++) count = (await asked('SELECT count(n) FROM many'))[0]?.[1];
  assert.is(count, 10_000);
});

withInflux('InfluxWrite reports what the server refuses, and goes on', async () => {
  const write = host.run('net/InfluxWrite', { url: `http://127.0.0.1:${influxPort}`, database: 'nowhere' });
  give(write, { point: 1 });
  await reports.matching(/404 Not Found: .*database not found.*; 1 points are lost/);
});

it('InfluxWrite asks a server of version 2 with bucket, organization and token', async () => {
  const seen = new Promise<unknown[]>((resolve) => {
    handle = ({ url: path, headers, method }, response, body) => {
      response.writeHead(204).end();
      resolve([method, path, headers.authorization, body]);
    };
  });
  const write = host.run('net/InfluxWrite', { url, database: 'my home', organization: 'us', token: 'secret' });
  give(write, { point: { fields: { n: 1 }, time: 5 } });
  assert.equal(await seen, ['POST', '/api/v2/write?bucket=my%20home&org=us', 'Token secret', 'accessors n=1 5000000']);
});

it('InfluxWrite keeps points while a server is overloaded, and reports what is no point', async () => {
  const bodies: string[] = [];
  const arrived = new Promise<void>((resolve) => {
    handle = (_, response, body) => {
      bodies.push(body);
      response.writeHead(bodies.length === 1 ? 503 : 204).end();
      if (bodies.length === 2) resolve();
    };
  });
  const write = host.run('net/InfluxWrite', { url, database: 'home' });
  for (const time of [1, 2]) give(write, { point: { fields: { n: 1 }, time } });
  await reports.matching(/503 Service Unavailable: ; 1 points are sent again in 5000 ms/);
  for (const [point, why] of [
    [[1], /field value should be a number, text or boolean/],
    [{}, /it has no field/],
    [{ fields: { n: 1 }, tags: { room: 'a\nb' } }, /"a\\nb" cannot be a name or a tag/],
    [{ fields: { n: 1 }, time: 'now' }, /its time should be a number, got now/],
    [Number.NaN, /field value should be/],
  ] as const) {
    give(write, { point });
    await reports.matching(why);
  }
  write.wrapup(); // does not wait for the 5 s
  await arrived;
  assert.equal(bodies, ['accessors n=1 1000000', 'accessors n=1 1000000\naccessors n=1 2000000']);
});

it.run();
