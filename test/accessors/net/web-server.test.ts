import { Agent, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { library } from '../../support/library.ts';
import { bounded, give, type Live, live, Outputs, Reports } from '../../support/live.ts';

const it = suite('WebServer');
let host: Live;
let reports: Reports;
const agent = new Agent({ keepAlive: true });

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(() => agent.destroy());

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

interface Received {
  readonly requestID: number;
  readonly method: string;
  readonly path: string;
  readonly params: Record<string, unknown>;
  readonly body?: string;
}

function ask(port: number, method: string, path: string, body?: string): Promise<Answer> {
  const answer = new Promise<Answer>((resolve, reject) => {
    const asked = request({ agent, host: '127.0.0.1', port, method, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], body: text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
  return bounded(answer, `the answer to ${method} ${path}`);
}

async function serve(parameters: Record<string, unknown> = {}): Promise<{ server: AccessorApi; outputs: Outputs; port: number }> {
  const server = host.run('net/WebServer', { port: 0, ...parameters });
  const outputs = new Outputs(server);
  return { server, outputs, port: Number(await outputs.value('listening')) };
}

it('takes any method and path, with the fields of the query, and ids that count up', async () => {
  const { server, outputs, port } = await serve();
  server.on('output', (name, value) => {
    if (name === 'request') give(server, { response: { requestID: (value as Received).requestID, response: 'grün' } });
  });
  assert.equal(await ask(port, 'GET', '/lamp/1?on=yes&n=1&n=2'), { status: 200, type: 'text/html; charset=utf-8', body: 'grün' });
  await ask(port, 'PUT', '/lamp', 'body ü');
  const [first, second] = outputs.of('request') as Received[];
  assert.is(first?.path, '/lamp/1');
  assert.equal(first?.params, { on: 'yes', n: ['1', '2'] });
  assert.is(first && 'body' in first, false);
  assert.equal([first?.requestID, second?.requestID, second?.method, second?.body], [1, 2, 'PUT', 'body ü']);
});

it('answers requests that wait side by side each with its own, in any order, with the code that is given', async () => {
  const { server, outputs, port } = await serve();
  const answers = ['a', 'b', 'c'].map((name) => ask(port, 'GET', `/${name}`));
  const received = (await outputs.values('request', 3)) as Received[];
  for (const { requestID, path } of [...received].reverse()) {
    give(server, { response: { requestID, response: `for ${path}`, responseCode: 201 } });
  }
  assert.equal(
    (await Promise.all(answers)).map(({ status, body }) => `${status} ${body}`),
    ['201 for /a', '201 for /b', '201 for /c'],
  );
});

it('takes responses as JSON text, as objects, and as a whole', async () => {
  const { server, outputs, port } = await serve();
  for (const [n, response, expected] of [
    [1, '{"requestID": 1, "response": "text"}', 'text'],
    [2, { requestID: 2, response: { lamp: 'on' } }, '{"lamp":"on"}'],
    [3, { requestID: 3, lamp: 'off' }, '{"requestID":3,"lamp":"off"}'],
  ] as const) {
    const answer = ask(port, 'GET', '/');
    await outputs.value('request', n);
    give(server, { response });
    assert.is((await answer).body, expected);
  }
});

it('passes bodies of 10 MB both ways', async () => {
  const { server, port } = await serve();
  server.on('output', (name, value) => {
    const { requestID, body } = value as Received;
    if (name === 'request') give(server, { response: { requestID, response: body } });
  });
  const text = 'lampü '.repeat(1_500_000);
  assert.ok((await ask(port, 'POST', '/', text)).body === text, 'the text came back as it was');
});

it('reports responses to nobody', async () => {
  const { server } = await serve();
  give(server, { response: { response: 'x' } });
  await reports.matching(/Response has no requestID property: \{ response: 'x' \}/);
  give(server, { response: { requestID: 77, response: 'x' } });
  await reports.matching(/No pending request with ID 77/);
});

it('forgets a request whose sender has gone', async () => {
  const { server, outputs, port } = await serve();
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await outputs.value('request');
  socket.destroy();
  const other = ask(port, 'GET', '/other'); // by then the server has seen the end of the first
  await outputs.value('request', 2);
  give(server, { response: { requestID: 1, response: 'x' } });
  give(server, { response: { requestID: 2, response: 'here' } });
  assert.is((await other).body, 'here');
  assert.match(reports.lines.join(), /No pending request with ID 1/);
});

it('is not harmed by what is no HTTP', async () => {
  const { server, outputs, port } = await serve();
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
  socket.write('\0\0\0 nonsense\r\n\r\n');
  socket.resume();
  await bounded(closed, 'the end of the connection');
  const answer = ask(port, 'GET', '/');
  await outputs.value('request');
  give(server, { response: { requestID: 1, response: 'here' } });
  assert.is((await answer).body, 'here');
});

it('reports a port that is taken', async () => {
  const { port } = await serve();
  host.run('net/WebServer', { port });
  await reports.matching(/EADDRINUSE/);
});

it('wrapup frees the port at once, with requests under way', async () => {
  const { server, outputs, port } = await serve();
  const unanswered = ask(port, 'GET', '/').then(
    () => 'answered',
    (error: NodeJS.ErrnoException) => error.code,
  );
  await outputs.value('request');
  server.wrapup();
  assert.is(await unanswered, 'ECONNRESET');
  const again = createServer();
  await bounded(new Promise<void>((resolve) => again.listen(port, '127.0.0.1', resolve)), 'listening at the same port');
  again.close();
});

it('is refused in simulated time, with the way out', () => {
  assert.throws(() => library().run('net/WebServer', { port: 0 }), /not possible in simulated time/);
});

it('answers 10,000 requests, each once', async () => {
  const { server, port } = await serve();
  server.on('output', (name, value) => {
    const { requestID, path } = value as Received;
    if (name === 'request') give(server, { response: { requestID, response: path } });
  });
  const lane = async (first: number): Promise<void> => {
    for (let n = first; n < 10_000; n += 20) assert.is((await ask(port, 'GET', `/${n}`)).body, `/${n}`);
  };
  await Promise.all(Array.from({ length: 20 }, (_, first) => lane(first)));
});

it.run();
