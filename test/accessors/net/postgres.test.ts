import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../../support/free-port.ts';
import { bounded, give, type Live, live, needing, Outputs, Reports, type Running, start } from '../../support/live.ts';

const it = suite('Postgres');
let host: Live;
let reports: Reports;
const opened: Server[] = [];

/** Where Debian has the programs of the server. */
const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
const programs = versions.map((version) => `/usr/lib/postgresql/${version}/bin`).find((path) => existsSync(join(path, 'initdb')));
const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
const data = join(folder, 'data');

/** The server refuses to run as root; its package has a user for it. */
function asUser(command: string, args: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', command, ...args]]
    : [command, [...args]];
}

function prepare(): void {
  if (process.getuid?.() === 0) execFileSync('chown', ['postgres', folder]);
  const [command, args] = asUser(`${programs}/initdb`, ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8']);
  execFileSync(command, args, { stdio: 'ignore', cwd: folder });
}

async function serve(port: number): Promise<Running | undefined> {
  const settings = ['-c', 'fsync=off', '-c', `unix_socket_directories=${folder}`, '-c', 'listen_addresses=127.0.0.1'];
  const running = await start(...asUser(`${programs}/postgres`, ['-D', data, '-p', String(port), ...settings]));
  await running?.wrote(/ready to accept connections/);
  return running;
}

const port = await freePort();
if (programs) prepare();
let server = programs ? await serve(port) : undefined;
const withServer = needing(it, 'postgresql', server);

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
  for (const one of opened.splice(0)) one.close();
});
it.after(async () => {
  await server?.stop('SIGINT');
  rmSync(folder, { recursive: true });
});

function client(parameters: Record<string, unknown> = {}, inputs: Record<string, unknown> = {}) {
  const accessor = host.run('net/Postgres', { port, ...parameters }, inputs);
  return { accessor, outputs: new Outputs(accessor) };
}

withServer('answers queries in their order, with values apart from the text', async () => {
  const { accessor, outputs } = client();
  give(accessor, { query: 'CREATE TABLE climate (room text, celsius float8, at timestamptz, n bigint)' });
  const values = ["kitchen'; DROP TABLE climate; --", 21.5, '2024-05-10T12:00:00Z', '9007199254740993'];
  give(accessor, { query: { text: 'INSERT INTO climate VALUES ($1, $2, $3, $4)', values } });
  give(accessor, { query: 'SELECT * FROM climate' });
  const rows = await outputs.values('rows', 3);
  assert.equal(rows, [[], [], [{ room: values[0], celsius: 21.5, at: new Date('2024-05-10T12:00:00Z'), n: '9007199254740993' }]]);
  assert.equal(outputs.of('connected'), [true]);
});

withServer('10,000 queries come back in order, and 10 MB as they were', async () => {
  const { accessor, outputs } = client();
  for (let i = 0; i < 10_000; i++) {
    give(accessor, { query: { text: 'SELECT $1::int AS n', values: [i] } });
    if (i % 500 === 499) await outputs.values('rows', i + 1);
  }
  assert.ok(outputs.of('rows').every((rows, i) => (rows as { n: number }[])[0]?.n === i));
  const text = 'grün '.repeat(2 ** 20);
  give(accessor, { query: { text: 'SELECT $1::text AS text, $2::bytea AS bytes', values: [text, Buffer.from([0, 255])] } });
  const [row] = (await outputs.value('rows', 10_001)) as { text: string; bytes: Buffer }[];
  assert.ok(row?.text === text, 'the text came back as it was');
  assert.equal([...(row?.bytes ?? [])], [0, 255]);
});

withServer('hears notifications', async () => {
  const { accessor, outputs } = client({}, { listen: 'Lamps' });
  await outputs.value('connected');
  give(accessor, { query: "SELECT pg_notify('Lamps', 'grün')" }); // behind LISTEN
  assert.equal(await outputs.value('notification'), { channel: 'Lamps', payload: 'grün' });
});

withServer('reports what the server refuses, what is no query, and an unknown database', async () => {
  const { accessor, outputs } = client();
  give(accessor, { query: 'SELEC 1' });
  await reports.matching(/SELEC 1: syntax error/);
  for (const query of [{ text: 5 }, { text: 'SELECT 1', values: 'x' }]) give(accessor, { query });
  await reports.matching(/SELECT 1: a query is SQL, or \{text, values\}/);
  give(accessor, { query: 'SELECT 1 AS n' });
  assert.equal(await outputs.value('rows'), [{ n: 1 }]);
  client({ database: 'nowhere' });
  await reports.matching(new RegExp(`Cannot connect to localhost:${port}: database "nowhere" does not exist`));
});

withServer('finds a server that was gone again, with its channels, and more than 1,000 queries do not wait for it', async () => {
  const { accessor, outputs } = client({}, { listen: 'door' });
  await outputs.value('connected');
  await server?.stop('SIGINT'); // without waiting for its clients
  assert.equal(await outputs.values('connected', 2), [true, false]);
  await reports.matching(/ECONNREFUSED/);
  for (let i = 0; i <= 1000; i++) give(accessor, { query: 'SELECT 1 AS n' });
  await reports.matching(/SELECT 1 AS n: 1000 queries wait for an answer/);
  server = await serve(port);
  await outputs.values('rows', 1000);
  give(accessor, { query: "NOTIFY door, 'open'" });
  assert.equal(await outputs.value('notification'), { channel: 'door', payload: 'open' });
});

it('survives a peer that is none or closes in the middle, and is silent after wrapup', async () => {
  for (const act of [(socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), (socket: Socket) => socket.end('R\0\0\0\x7f')]) {
    let connections = 0;
    const again = new Promise<void>((resolve) => {
      const one = createServer((socket) => {
        act(socket.on('error', () => {}));
        if (++connections === 2) resolve(); // it tries again
      }).listen(0, '127.0.0.1', () => client({ port: (one.address() as { port: number }).port }));
      opened.push(one);
    });
    await bounded(again, 'another attempt');
  }
  await reports.matching(/Cannot connect to localhost/);
});

withServer('reports a query that takes too long, and goes on over a new connection', async () => {
  const { accessor, outputs } = client({ timeout: 300 });
  await outputs.value('connected');
  give(accessor, { query: 'SELECT pg_sleep(60)' });
  await reports.matching(/timeout/);
  give(accessor, { query: 'SELECT 7 AS seven' });
  assert.equal(await outputs.value('rows'), [{ seven: 7 }]);
  assert.equal(outputs.of('connected'), [true, false, true]);
});

withServer('says nothing of what is under way at wrapup', async () => {
  const { accessor, outputs } = client();
  await outputs.value('connected');
  give(accessor, { query: 'SELECT pg_sleep(0.2)' });
  accessor.wrapup();
  const other = client();
  give(other.accessor, { query: 'SELECT 1' });
  await other.outputs.value('rows');
  assert.equal([outputs.of('rows'), reports.lines], [[], []]);
});

it.run();
