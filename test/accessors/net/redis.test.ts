import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../../support/free-port.ts';
import { bounded, certificates, give, type Live, live, needing, Outputs, Reports, type Running, start } from '../../support/live.ts';

const it = suite('Redis');
let host: Live;
let reports: Reports;
const opened: Server[] = [];

const quiet = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];

async function serve(port: number, ...more: string[]): Promise<Running | undefined> {
  const running = await start('redis-server', [...quiet, '--port', String(port), ...more]);
  await running?.wrote(/Ready to accept connections/);
  return running;
}

const port = await freePort();
const server = await serve(port, '--requirepass', 'lamp');
const withServer = needing(it, 'redis-server', server);

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
  for (const one of opened.splice(0)) one.close();
});
it.after(() => server?.stop());

function client(parameters: Record<string, unknown> = {}, inputs: Record<string, unknown> = {}) {
  const accessor = host.run('net/Redis', { port, password: 'lamp', ...parameters }, inputs);
  return { accessor, outputs: new Outputs(accessor) };
}

async function peer(connected: (socket: Socket) => void): Promise<number> {
  const made = createServer((socket) => connected(socket.on('error', () => {})));
  opened.push(made);
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as AddressInfo).port;
}

withServer('answers commands in their order, those given before it was connected too', async () => {
  const { accessor, outputs } = client();
  for (const command of [
    ['SET', 'lamp', 'grün'],
    ['GET', 'lamp'],
    ['INCRBY', 'n', 5],
    ['GET', 'missing'],
    ['RPUSH', 'list', { on: true }, 'b'],
    ['LRANGE', 'list', 0, -1],
  ])
    give(accessor, { command });
  assert.equal(await outputs.values('reply', 6), ['OK', 'grün', 5, null, 2, ['{"on":true}', 'b']]);
  assert.equal(outputs.of('connected'), [true]);
});

withServer('hears what is published at channels and patterns', async () => {
  const { accessor, outputs } = client({}, { subscribe: 'lamps:*' });
  give(accessor, { subscribe: 'door' });
  const sender = client();
  const heard = async (): Promise<void> => {
    for (let n = 0; n < 2; ) {
      give(sender.accessor, { command: ['PUBSUB', 'NUMPAT'] });
      give(sender.accessor, { command: ['PUBSUB', 'NUMSUB', 'door'] });
      const replies = await sender.outputs.values('reply', sender.outputs.of('reply').length + 2);
      n = Number(replies.at(-2)) + Number((replies.at(-1) as unknown[])[1]);
    }
  };
  await heard();
  give(sender.accessor, { command: ['PUBLISH', 'lamps:kitchen', 'on'] });
  give(sender.accessor, { command: ['PUBLISH', 'door', 'open'] });
  assert.equal(await outputs.values('channel', 2), ['lamps:kitchen', 'door']);
  assert.equal(outputs.of('received'), ['on', 'open']);
  for (let i = 0; i < 10_000; i++) {
    give(sender.accessor, { command: ['PUBLISH', 'door', i] });
    if (i % 1000 === 999) await outputs.values('received', i + 3);
  }
  assert.equal(
    outputs.of('received').slice(2),
    Array.from({ length: 10_000 }, (_, i) => String(i)),
  );
});

withServer('stores and gives 10 MB, and reports what the server refuses or what is no command', async () => {
  const { accessor, outputs } = client();
  const text = 'lamp '.repeat(2 ** 21);
  give(accessor, { command: ['SET', 'large', text] });
  give(accessor, { command: ['GET', 'large'] });
  assert.ok((await outputs.value('reply', 2)) === text, 'the text came back as it was');
  give(accessor, { command: ['NOSUCH', 'x'] });
  await reports.matching(/\["NOSUCH","x"\]: ERR unknown command/);
  for (const command of ['GET lamp', []]) give(accessor, { command });
  await reports.matching(/\[\]: a command is an array of words/);
});

withServer('reports a wrong password', async () => {
  client({ password: 'wrong' });
  await reports.matching(/WRONGPASS/);
});

withServer('finds a server that was gone again, with its channels, and more than 10,000 commands do not wait for it', async () => {
  const own = await freePort();
  const { accessor, outputs } = client({ port: own, password: '' }, { subscribe: 'door' });
  await reports.matching(new RegExp(`Cannot connect to localhost:${own}: .*ECONNREFUSED`));
  for (let i = 0; i <= 10_000; i++) give(accessor, { command: ['INCR', 'n'] });
  await reports.matching(/\["INCR","n"\]: 10000 commands wait for an answer/);
  let running = await serve(own);
  assert.is(await outputs.value('reply', 10_000), 10_000);
  await running?.stop();
  assert.equal(await outputs.values('connected', 2), [true, false]);
  running = await serve(own);
  await outputs.value('connected', 3);
  for (let n = 0; n === 0; ) {
    give(accessor, { command: ['PUBLISH', 'door', 'open'] });
    n = Number(await outputs.value('reply', outputs.of('reply').length + 1)); // how many have heard it
  }
  assert.is(await outputs.value('received'), 'open');
  accessor.wrapup();
  await running?.stop();
});

it('survives a peer that speaks something else or closes in the middle of an answer, and is silent after wrapup', async () => {
  for (const answer of ['HTTP/1.1 400 Bad Request\r\n\r\n', '$100\r\nonly this']) {
    let connections = 0;
    const again = new Promise<void>((resolve) => {
      void peer((socket) => {
        socket.end(answer);
        if (++connections === 2) resolve(); // it tries again
      }).then((there) => client({ port: there, password: '' }));
    });
    await bounded(again, 'another attempt');
  }
  const silent = await peer(() => {});
  const { accessor, outputs } = client({ port: silent, password: '' });
  give(accessor, { command: ['PING'] });
  accessor.wrapup();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(outputs.of('reply'), []);
});

const certificate = certificates();
it.after(() => certificate?.remove());
needing(
  it,
  'redis-server and openssl',
  server && certificate,
)('speaks TLS, and refuses a certificate that it does not know', async () => {
  const own = await freePort();
  const folder = certificate?.caPath.replace(/ca$/, '') ?? '';
  const tls = [
    '--tls-port',
    String(own),
    '--tls-cert-file',
    `${folder}ca`,
    '--tls-key-file',
    `${folder}key`,
    '--tls-ca-cert-file',
    `${folder}ca`,
  ];
  const running = await serve(0, ...tls, '--tls-auth-clients', 'no');
  const refused = client({ port: own, password: '', sslTls: true });
  await reports.matching(/self-signed certificate/);
  refused.accessor.wrapup();
  const { accessor, outputs } = client({ port: own, password: '', sslTls: true, trustedCACertPath: certificate?.caPath });
  give(accessor, { command: ['PING'] });
  assert.is(await outputs.value('reply'), 'PONG');
  accessor.wrapup();
  await running?.stop();
});

it.run();
