import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AdminServer } from '../../../src/dashboard/index.ts';
import { RawClient } from '../../support/socket-client.ts';

const it = suite('health over HTTP');
let admin: AdminServer;
let unready: string | undefined;
it.before(async () => {
  admin = await AdminServer.open({ host: '127.0.0.1', port: 0, unready: () => unready });
});
it.after(() => admin.close());

it('tells whether the box lives and whether it takes deployments', async () => {
  assert.is((await fetch(`${admin.url}/-/healthy`)).status, 200);
  assert.is((await fetch(`${admin.url}/-/ready`)).status, 200);
  unready = 'starting';
  const response = await fetch(`${admin.url}/-/ready`);
  assert.equal([response.status, await response.text()], [503, 'starting\n']);
  assert.is((await fetch(`${admin.url}/-/healthy`)).status, 200);
});

it('answers nothing else', async () => {
  assert.is((await fetch(`${admin.url}/`)).status, 404);
  assert.is((await fetch(`${admin.url}/-/healthy`, { method: 'POST' })).status, 405);
});

it('answers only to its own names', async () => {
  const { port } = admin.address;
  const ask = async (host: string): Promise<string> => {
    const raw = new RawClient(port, `GET /-/healthy HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await raw.closed;
    return raw.received.slice(9, 12);
  };
  assert.is(await ask(`127.0.0.1:${port}`), '200');
  assert.is(await ask(`localhost:${port}`), '200');
  assert.is(await ask(`[::1]:${port}`), '200');
  assert.is(await ask(`evil.example:${port}`), '421');
  assert.is(await ask('evil.example'), '421');
  assert.is(await ask(`127.0.0.1.evil.example:${port}`), '421');
});

it.run();
