import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sealFor } from '../../../src/push/seal.ts';
import { needing } from '../../support/live.ts';
import { openPage, pageFolder, type TestPage } from '../../support/page.ts';
import { alice, mallory } from '../../support/service.ts';
import { commonFields, deployOf, sealed } from '../../support/signed.ts';
import { RawClient } from '../../support/socket-client.ts';

const it = suite('the page of a box');
let page: TestPage;
it.before.each(async () => {
  page = await openPage({ name: 'lab', labels: { room: '545' } });
});
it.after.each(() => page.close());

const deploy = (swarmlet: string, sequence = 1, more: object = {}): Promise<unknown> =>
  page.box.service.submit(sealed(deployOf(swarmlet, sequence, `// ${sequence}`, more), alice));
const json = async (path: string): Promise<Record<string, unknown>> => (await (await page.ask(path)).json()) as Record<string, unknown>;

async function raw(head: string): Promise<string> {
  const client = new RawClient(page.admin.address.port, `${head}\r\nConnection: close\r\n\r\n`);
  await client.closed;
  return client.received;
}

it('tells who is there at once, then each change', async () => {
  await deploy('lamp');
  const events = await page.events();
  const { box, swarmlets } = await events.next('hello');
  assert.equal([box.name, box.labels, box.id], ['lab', { room: '545' }, page.box.service.identity.id]);
  assert.equal(
    swarmlets.map(({ swarmlet, state, version }) => [swarmlet, state, version]),
    [['lamp', 'running', '1.0.1']],
  );
  await deploy('fan');
  assert.is((await events.next('swarmlet', ({ swarmlet, state }) => swarmlet === 'fan' && state === 'running')).principal, 'alice@lab');
  await events.next('recorded');
});

it('tells the state of one, and that there is none', async () => {
  await deploy('lamp');
  const { swarmlet, usage } = (await json('status/lamp')) as { swarmlet: string; usage: { reactions: number } };
  assert.equal([swarmlet, usage.reactions], ['lamp', 0]);
  assert.is((await page.ask('status/nobody')).status, 404);
});

it('tells what each used in the last minutes, and of that no more than the page lacks', async () => {
  await deploy('lamp');
  const first = await page.events();
  assert.is((await first.next('hello')).had, 0);
  const { taken, samples } = await first.next('usage');
  assert.equal(Object.keys(samples), ['lamp']);
  first.close();
  const all = await (await page.events()).next('hello');
  assert.ok((all.usage.lamp?.length ?? 0) > 0);
  const rest = await (await page.events(`had=${taken}`)).next('hello');
  assert.equal([rest.had, rest.usage.lamp?.length], [taken, rest.taken - taken]);
  assert.is((await (await page.events('had=-1e9')).next('hello')).had, 0);
});

it('shows no sealed value of a real isolate, in whatever value, name, line or error it comes (D05)', async () => {
  await page.close();
  page = await openPage({ tier: undefined, pool: 0, isolationMinimum: 'P1' });
  const secret = 'tr0ub4dor & "3"';
  const code = `exports.setup = function () {
    this.parameter('pin'); this.output('plain'); this.output('inside'); this.output('long');
  };
  exports.initialize = function () {
    var pin = this.getParameter('pin'), self = this;
    console.log('pin ' + pin);
    setInterval(function () {
      self.send('plain', pin);
      self.send('inside', { deep: ['say ' + pin] });
      self.send('long', new Array(200).join('x') + pin + new Array(200).join('y'));
    }, 20);
  };`;
  const { id, sealKeys } = page.box.service.identity;
  const own = { pin: { [id]: sealFor(sealKeys.publicKey, secret) } };
  await page.box.service.submit(sealed({ ...deployOf('lamp', 1, code), audience: [id], sealed: own }, alice));
  const events = await page.events('graph=lamp&logs=lamp');
  const { values } = await events.next('graph', (graph) => graph.values.length === 3);
  assert.equal(
    values.slice(0, 2).map(([, , text]) => text),
    ['"(sealed)"', '{"deep": ["say (sealed)"]}'],
  );
  await events.next('logs', ({ lines }) => lines.some(({ line }) => line === 'pin (sealed)'));
  await events.next('graph', (graph) => graph.values.some(([, count]) => count > 5));
  const told = JSON.stringify(events.all) + (await (await page.ask('history/lamp')).text()) + (await (await page.ask('audit')).text());
  assert.not.match(told, 'tr0ub');
  assert.not.match(told, '4dor');
});

it('tells the lines of the swarmlet that is looked at, first those that are kept', async () => {
  await deploy('lamp');
  await deploy('fan');
  const [lamp, fan] = page.box.tier.isolates;
  lamp?.emit('log', 'info', 'before');
  const events = await page.events('logs=lamp');
  assert.equal(
    (await events.next('logs', ({ first }) => first)).lines.map(({ line }) => line),
    ['before'],
  );
  fan?.emit('log', 'info', 'of another');
  lamp?.emit('log', 'error', 'after');
  const { lines } = await events.next('logs', ({ first }) => !first);
  assert.equal(
    lines.map(({ level, line }) => [level, line]),
    [['error', 'after']],
  );
});

it('looks into a swarmlet while somebody watches its graph, and not else', async () => {
  await deploy('lamp');
  const isolate = page.box.tier.last;
  const structure = {
    nodes: [{ name: 'lamp', class: 'Lamp', parent: -1, inputs: [], outputs: ['on'], parameters: [] }],
    edges: [],
    omitted: 0,
  };
  isolate.view = { revision: 1, structure, reactions: [[0, 1]], values: [[0, 1, 'true']] };
  await (await page.events()).next('hello');
  assert.is(isolate.observed, 0);
  const events = await page.events('graph=lamp');
  const graph = await events.next('graph');
  assert.equal([graph.running, graph.structure?.nodes.length, graph.values], [true, 1, [[0, 1, 'true']]]);
  const late = await page.events('graph=lamp');
  assert.ok((await late.next('graph')).structure, 'whoever comes later is told all there is');
  isolate.view = undefined;
  assert.is((await events.next('graph', ({ running }) => !running)).structure, undefined);
  late.close();
  events.close();
  const left = new Promise<void>((resolve) => {
    isolate.unobserve = resolve;
  });
  await left;
});

it('answers with history, deployments, audit and the library', async () => {
  await deploy('lamp');
  await deploy('lamp', 2, { parameters: { gain: 2 } });
  const { versions } = (await json('history/lamp')) as { versions: { version: string; digest: string }[] };
  assert.equal(
    versions.map(({ version }) => version),
    ['1.0.2', '1.0.1'],
  );
  const deployment = await json(`deployment/lamp?digest=${encodeURIComponent(versions[0]?.digest ?? '')}`);
  assert.equal(deployment.files, [{ name: 'Main.js', text: '// 2' }]);
  assert.equal(deployment.parameters, [{ name: 'gain', value: 2 }]);
  const { records } = (await json('audit')) as { records: { event: string }[] };
  assert.ok(records.some(({ event }) => event === 'accepted'));
  const { peers } = (await json('peers')) as { peers: { name: string; problem: string }[] };
  assert.equal(
    peers.map(({ name, problem }) => [name, problem]),
    [['lab-546', 'it does not answer']],
  );
  assert.match((await json('library/test/TestGain')).text as string, /setup/);
  for (const path of ['deployment/lamp?digest=no', 'library/no/Such', 'library/../package', 'library/%2e%2e/x', 'nothing']) {
    assert.is((await page.ask(path)).status, 404, path);
  }
  assert.equal(await json('history/nobody'), { versions: [] });
});

it('does not show the value of a sealed parameter', async () => {
  const { service } = page.box;
  await deploy('lamp');
  const [first] = service.history('lamp') as { digest: string }[];
  const kept = await service.deployment('lamp', first?.digest ?? '');
  const statement = { ...kept?.statement, sealed: { key: { [service.identity.id]: 'AAAA' } } };
  service.deployment = async () => ({ statement, files: new Map() }) as unknown as typeof kept;
  assert.equal((await json(`deployment/lamp?digest=${first?.digest}`)).parameters, [{ name: 'key' }]);
});

it('takes what somebody signed, and tells a stranger nothing about keys', async () => {
  const post = async (statement: object, ...pairs: readonly (typeof alice)[]): Promise<[number, Record<string, unknown>]> => {
    const body = JSON.stringify({ envelope: sealed(statement, ...pairs) });
    const response = await page.ask('statements', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    return [response.status, (await response.json()) as Record<string, unknown>];
  };
  const [status, deployed] = await post(deployOf('lamp', 1, '// lamp'), alice);
  assert.equal([status, deployed.state, deployed.principal], [200, 'running', 'alice@lab']);
  const [refused, { code }] = await post(deployOf('lamp', 2, '// evil'), mallory);
  assert.equal([refused, code], [422, 'UNTRUSTED_KEY']);
  page.box.revoke(alice.publicKey.id);
  page.box.service.trust.reload();
  assert.is((await post({ action: 'restart', ...commonFields(), swarmlet: 'lamp', sequence: 3 }, alice))[1].code, 'UNTRUSTED_KEY');
});

it('is closed to pages of others, also where they open the stream (D01)', async () => {
  const evil = { headers: { Origin: 'http://evil.example' } };
  for (const path of ['/', '/api/events', '/api/audit', '/page/page.js'])
    assert.is((await fetch(page.admin.url + path, evil)).status, 403, path);
  for (const path of ['events', 'audit', 'history/lamp', 'library']) {
    assert.is((await fetch(`${page.admin.url}/api/${path}`)).status, 403, path);
    const wrong = { headers: { 'X-Page-Token': `${page.token.slice(0, -1)}~` } };
    assert.is((await fetch(`${page.admin.url}/api/${path}`, wrong)).status, 403, path);
  }
});

it('answers no name that somebody made mean this machine (D02)', async () => {
  for (const path of ['/', '/api/events', '/api/audit', '/page/page.js']) {
    assert.match(await raw(`GET ${path} HTTP/1.1\r\nHost: evil.example\r\nX-Page-Token: ${page.token}`), /^HTTP\/1\.1 421 /);
  }
});

it('changes nothing for a form of another page, nor on GET (D03)', async () => {
  const body = JSON.stringify({ envelope: sealed(deployOf('lamp', 1, '//'), alice) });
  const url = `${page.admin.url}/api/statements`;
  const rows: [init: RequestInit, status: number][] = [
    [{ method: 'GET' }, 405],
    [{ method: 'POST', body, headers: { 'Content-Type': 'text/plain' } }, 403],
    [{ method: 'POST', body, headers: { 'Content-Type': 'application/json' } }, 403],
    [{ method: 'POST', body, headers: { 'Content-Type': 'text/plain', 'X-Page-Token': page.token } }, 415],
    [{ method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'http://evil.example' } }, 403],
  ];
  for (const [init, status] of rows) assert.is((await fetch(url, init)).status, status);
  assert.equal(page.box.service.list(), []);
});

it('lets no other page read or embed it (D04), and runs only its own scripts (D05)', async () => {
  for (const path of ['/', '/page/page.js', '/api/audit']) {
    const { headers } = await fetch(page.admin.url + path, { headers: { 'X-Page-Token': page.token } });
    assert.is(headers.get('access-control-allow-origin'), null);
    assert.is(headers.get('x-content-type-options'), 'nosniff');
    assert.is(headers.get('cross-origin-resource-policy'), 'same-origin');
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.not.match(policy, /unsafe|\*|https?:/);
  }
  const html = readFileSync(join(pageFolder, 'index.html'), 'utf8');
  assert.not.match(html, /<script(?![^>]* src=)|<style|style=|\son\w+=|https?:/);
});

it('needs nothing from elsewhere', () => {
  for (const name of readdirSync(pageFolder).filter((one) => /\.(?:js|css|html)$/.test(one))) {
    const found = readFileSync(join(pageFolder, name), 'utf8').match(/https?:\/\/(?!www\.w3\.org\/)[\w.]+/g) ?? [];
    assert.equal(found, [], name);
  }
});

it('puts no line of a swarmlet outside of its event (D07)', async () => {
  await deploy('lamp');
  const forged = 'x\n\nevent: gone\ndata: {"swarmlet":"lamp"}\n\n\r\u2028\u001b[2J';
  page.box.tier.last.emit('log', 'info', forged);
  const events = await page.events('logs=lamp');
  assert.is((await events.next('logs')).lines.at(-1)?.line, forged);
  assert.not(events.all.some(({ event }) => event === 'gone'));
});

it('refuses what is no statement, and too large a one', async () => {
  const post = (body: string): Promise<Response> =>
    page.ask('statements', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  assert.is((await post('{')).status, 400);
  assert.is((await post('{"other": 1}')).status, 400);
  assert.is((await post('{"envelope": 7}')).status, 422);
  assert.is((await post(`{"envelope": "${'x'.repeat(2 * 1024 * 1024)}"}`)).status, 413);
});

it('serves a bounded number of pages', async () => {
  const open = await Promise.all(Array.from({ length: 16 }, () => page.events()));
  await Promise.all(open.map((events) => events.next('hello')));
  assert.is((await page.ask('events')).status, 503);
});

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
needing(
  it,
  'an address beyond loopback',
  elsewhere,
)('is not shown to other machines, although the port is open to them (D06)', async () => {
  const open = await openPage({}, '0.0.0.0');
  try {
    const url = `http://${elsewhere}:${open.admin.address.port}`;
    // A Prometheus may be anywhere.
    for (const path of ['/-/healthy', '/metrics', '/http_sd']) assert.is((await fetch(url + path)).status, 200, path);
    for (const path of ['/', '/page/page.js', '/api/events', '/api/audit']) {
      const response = await fetch(url + path, { headers: { 'X-Page-Token': open.token } });
      assert.is(response.status, 403, path);
      assert.match(await response.text(), /ssh -L/);
    }
  } finally {
    await open.close();
  }
});

it('has its token in no address and in no log (D06)', async () => {
  await page.ask('audit');
  assert.ok(page.token.length >= 32);
  const html = await (await fetch(`${page.admin.url}/`)).text();
  assert.is(html.split(page.token).length, 2);
  assert.not(JSON.stringify(page.box.log).includes(page.token));
});

it.run();
