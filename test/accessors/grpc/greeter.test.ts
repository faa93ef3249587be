import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server as TcpServer } from 'node:net';
import { loadPackageDefinition, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bounded, give, type Live, live, Outputs, Reports, silent } from '../../support/live.ts';

/** The first example of the gRPC documentation, as the real library serves it. */
const definition = fromJSON({
  nested: {
    helloworld: {
      nested: {
        Greeter: { methods: { SayHello: { requestType: 'HelloRequest', responseType: 'HelloReply' } } },
        HelloRequest: { fields: { name: { type: 'string', id: 1 } } },
        HelloReply: { fields: { message: { type: 'string', id: 1 } } },
      },
    },
  },
} as never);
interface Greeting {
  readonly request: { readonly name: string };
}
type Answer = (error: object | null, reply?: { message: string }) => void;

const it = suite('grpc/Greeter');
let host: Live;
let reports: Reports;
let server: Server;
let serverAddress = '';
/** Called when somebody by the name of slow wants to be greeted, who is not before `answerSlow`. */
let slow = (): void => {};
let answerSlow = (): void => {};

it.before(async () => {
  const { helloworld } = loadPackageDefinition(definition) as never as { helloworld: { Greeter: { service: never } } };
  server = new Server();
  server.addService(helloworld.Greeter.service, {
    SayHello({ request: { name } }: Greeting, answer: Answer) {
      if (name === '') answer({ code: status.INVALID_ARGUMENT, details: 'Wer grüßt?' });
      else if (name === 'slow') {
        answerSlow = () => answer(null, { message: `Hello ${name}` });
        slow();
      } else answer(null, { message: `Hello ${name}` });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  serverAddress = `127.0.0.1:${port}`;
});
it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(() => server.forceShutdown());

it('greets, in order, many times over one connection', async () => {
  const greeter = host.run('grpc/Greeter', { serverAddress });
  const outputs = new Outputs(greeter);
  for (let i = 0; i < 100; i++) give(greeter, { sayHello: { name: `n${i}` } });
  const replies = await outputs.values('sayHelloResponse', 100);
  assert.equal([replies[0], replies.at(-1)], [{ message: 'Hello n0' }, { message: 'Hello n99' }]);
  const long = 'ü'.repeat(300_000);
  give(greeter, { sayHello: long });
  assert.equal(await outputs.value('sayHelloResponse', 101), { message: `Hello ${long}` });
});

it('reports the status of a call that the server refuses', async () => {
  give(host.run('grpc/Greeter', { serverAddress }), { sayHello: { name: '' } });
  await reports.matching(/SayHello: INVALID_ARGUMENT: Wer grüßt\?/);
});

it('reports a peer that is absent, and one that is none', async () => {
  give(host.run('grpc/Greeter', { serverAddress: '127.0.0.1:1' }), { sayHello: 'a' });
  await reports.matching(/127\.0\.0\.1:1.*ECONNREFUSED/);
  const other: TcpServer = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  give(host.run('grpc/Greeter', { serverAddress: address }), { sayHello: 'a' });
  await reports.matching(new RegExp(`${address}/helloworld`));
  other.close();
});

it('10,000 greetings are answered, each in its turn', async () => {
  const greeter = host.run('grpc/Greeter', { serverAddress });
  const outputs = new Outputs(greeter);
  for (let i = 0; i < 10_000; i++) {
    give(greeter, { sayHello: `n${i}` });
    if (i % 500 === 499) await outputs.values('sayHelloResponse', i - 99); // a server takes only so many calls at a time
  }
  assert.equal(
    await outputs.values('sayHelloResponse', 10_000),
    Array.from({ length: 10_000 }, (_, i) => ({ message: `Hello n${i}` })),
  );
});

it('an answer that is slow is waited for, and keeps no other back', async () => {
  const greeter = host.run('grpc/Greeter', { serverAddress });
  const outputs = new Outputs(greeter);
  const asked = new Promise<void>((resolve) => {
    slow = resolve;
  });
  give(greeter, { sayHello: 'slow' });
  await bounded(asked, 'the call');
  give(greeter, { sayHello: 'quick' });
  assert.equal(await outputs.value('sayHelloResponse'), { message: 'Hello quick' });
  answerSlow();
  assert.equal(await outputs.value('sayHelloResponse', 2), { message: 'Hello slow' });
  assert.equal(reports.lines, []);
});

it('reports a server that leaves in the middle of a message, and calls the next one anew', async () => {
  let calls = 0;
  const cutting = createHttp2Server();
  cutting.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.write(Buffer.from([0, 0, 0, 0, 100, 10])); // a hundred bytes are announced
    calls++;
    stream.session?.destroy();
  });
  await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(cutting.address() as AddressInfo).port}`;
  const greeter = host.run('grpc/Greeter', { serverAddress: address });
  const outputs = new Outputs(greeter);
  for (const sayHello of ['a', 'b']) {
    give(greeter, { sayHello });
    await reports.matching(new RegExp(`${address}/helloworld.Greeter/SayHello: `));
    reports.lines.length = 0;
  }
  assert.equal([outputs.all, calls], [[], 2]);
  cutting.close();
});

it('wrapup before the server answers leaves nothing open', async () => {
  const mute = await silent();
  const greeter = host.run('grpc/Greeter', { serverAddress: `127.0.0.1:${mute.port}` });
  give(greeter, { sayHello: 'a' });
  await mute.heard(1);
  greeter.wrapup();
  await mute.left(1);
  assert.equal(reports.lines, []);
  mute.close();
});

it('is silent after wrapup in the middle of a call', async () => {
  const greeter = host.run('grpc/Greeter', { serverAddress });
  const outputs = new Outputs(greeter);
  give(greeter, { sayHello: 'a' });
  greeter.wrapup();
  const again = host.run('grpc/Greeter', { serverAddress });
  const others = new Outputs(again);
  give(again, { sayHello: 'b' });
  await others.value('sayHelloResponse');
  assert.equal([outputs.all, reports.lines], [[], []]);
});

it.run();
