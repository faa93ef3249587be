import { type AddressInfo, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bounded, give, type Live, live, Outputs, Reports } from '../../support/live.ts';

const it = suite('UserInterface');
let host: Live;
let reports: Reports;

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
});

async function show(parameters: Record<string, unknown> = {}) {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const accessor = host.run('utilities/UserInterface', { port, ...parameters });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    try {
      await fetch(url);
      break;
    } catch {
      // it listens in a moment
    }
  }
  return { accessor, url, outputs: new Outputs(accessor) };
}

/** What the server tells an open page. */
async function follow(url: string): Promise<{ next(): Promise<unknown>; close(): Promise<void> }> {
  const response = await fetch(`${url}/events`);
  assert.is(response.headers.get('content-type'), 'text/event-stream');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  return {
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const event = JSON.parse(text.slice('data: '.length, end));
          text = text.slice(end + 2);
          return event;
        }
        const { value, done } = await bounded(reader.read(), 'an event');
        assert.not.ok(done, 'the server closed the events');
        text += Buffer.from(value ?? []).toString();
      }
    },
    close: () => reader.cancel(),
  };
}

it('serves header and content, and nothing from elsewhere', async () => {
  const { url } = await show({ header: '<title>Lamp</title>', content: '<b id="state">off</b>' });
  const page = await (await fetch(url)).text();
  assert.match(page, '<title>Lamp</title>');
  assert.match(page, '<b id="state">off</b>');
  assert.not.match(page, /https?:\/\//);
});

it('tells open pages of new content and of updates; one that is opened later gets the present state', async () => {
  const { accessor, url } = await show({ content: 'first' });
  const page = await follow(url);
  assert.equal(await page.next(), { kind: 'display', html: 'first' });
  give(accessor, { html: '<i id="a"></i>' });
  give(accessor, { update: { id: 'a', property: 'innerHTML', content: 'on' } });
  give(accessor, { update: { id: 'a', property: 'innerHTML', content: 'off' } });
  assert.equal(await page.next(), { kind: 'display', html: '<i id="a"></i>' });
  assert.equal(await page.next(), { kind: 'update', id: 'a', property: 'innerHTML', content: 'on' });
  const later = await follow(url);
  assert.equal(await later.next(), { kind: 'display', html: '<i id="a"></i>' });
  assert.equal(await later.next(), { kind: 'update', id: 'a', property: 'innerHTML', content: 'off' });
  await page.close();
  await later.close();
});

it('serves resources, text and bytes', async () => {
  const { accessor, url } = await show();
  give(accessor, {
    resources: { 'a.css': { data: 'b {}', contentType: 'text/css' }, 'b.png': { data: Buffer.from([0, 255]), contentType: 'image/png' } },
  });
  const style = await fetch(`${url}/a.css`);
  assert.equal([style.headers.get('content-type'), await style.text()], ['text/css', 'b {}']);
  assert.equal([...new Uint8Array(await (await fetch(`${url}/b.png`)).arrayBuffer())], [0, 255]);
  assert.is((await fetch(`${url}/c`)).status, 404);
  assert.is((await fetch(`${url}/%E0%A4%A`)).status, 404);
});

it('sends what the page posts, and refuses what another site posts', async () => {
  const { url, outputs } = await show();
  assert.is((await fetch(url, { method: 'POST', body: '{"on": true}' })).status, 204);
  assert.equal(await outputs.value('post'), { on: true });
  await fetch(url, { method: 'POST', body: 'nonsense' });
  await reports.matching(/posted is no JSON: nonsense/);
  assert.is((await fetch(url, { method: 'POST', body: '1', headers: { origin: 'http://evil.example' } })).status, 403);
  assert.is((await fetch(`${url}/elsewhere`, { method: 'POST', body: '1' })).status, 404);
  assert.equal(outputs.of('post'), [{ on: true }]);
});

it('reports updates without id, a port that is taken, and frees its own at wrapup', async () => {
  const { accessor, url } = await show();
  give(accessor, { update: { property: 'value' } });
  await reports.matching(/An update should have an id and a property/);
  host.run('utilities/UserInterface', { port: Number(new URL(url).port) });
  await reports.matching(/EADDRINUSE/);
  const page = await follow(url);
  accessor.wrapup();
  const refused = await fetch(url).then(
    () => undefined,
    (error: Error) => error,
  );
  assert.instance(refused, Error);
  await page.close().catch(() => {});
});

it.run();
