import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { WebSocket, WebSocketServer } from 'ws';
import type { AccessorApi } from '../../hosts/common/index.ts';
import { start } from '../support/live.ts';
import { built } from './built.ts';
import { inTurns, type Row, type Workload } from './workload.ts';

/** Messages under way at a time: fewer than a system keeps for a UDP socket. */
const WINDOW = 100;

/** Two ends of a connection. */
interface Line {
  send(message: string): void;
  /** Called for each message that arrives. */
  arrived: () => void;
  close(): unknown;
}

/** Messages a second from one end to the other. */
async function rate(line: Line, messages: number): Promise<number> {
  let sent = 0;
  let got = 0;
  const begun = performance.now();
  await new Promise<void>((resolve) => {
    const window = (): void => {
      for (let i = 0; i < WINDOW && sent < messages; i++) line.send(`message ${sent++}`);
    };
    line.arrived = () => {
      got++;
      if (got === messages) resolve();
      else if (got === sent) window();
    };
    window();
  });
  const seconds = (performance.now() - begun) / 1000;
  await line.close();
  return messages / seconds;
}

function provide(accessor: AccessorApi, input: string): (message: string) => void {
  return (message) => {
    accessor.provideInput(input, message);
    accessor.react();
  };
}

/** A line of accessors: what one end gets at `toSend` comes out of the other. */
async function accessors(
  receiver: { class: string; parameters: object; inputs?: object; output: string; ready: string },
  sender: (value: unknown) => { class: string; parameters: object; inputs: object; input: string; ready?: string },
): Promise<Line> {
  const node = new built.NodeHost();
  const to = node.instantiate('receiver', receiver.class);
  for (const [name, value] of Object.entries(receiver.parameters)) to.setParameter(name, value);
  for (const [name, value] of Object.entries(receiver.inputs ?? {})) to.setDefault(name, value);
  const line: Line = { send: () => {}, arrived: () => {}, close: () => node.host.stopAllAccessors() };
  const ready = new Promise((resolve) => to.on('output', (name, value) => name === receiver.ready && resolve(value)));
  to.initialize();
  const { class: senderClass, parameters, inputs, input, ready: output } = sender(await ready);
  to.on('output', (name) => {
    if (name === receiver.output) line.arrived();
  });
  const from = node.instantiate('sender', senderClass);
  for (const [name, value] of Object.entries(parameters)) from.setParameter(name, value);
  for (const [name, value] of Object.entries(inputs)) from.setDefault(name, value);
  const connected = output && new Promise((resolve) => from.on('output', (name) => name === output && resolve(undefined)));
  from.initialize();
  await connected;
  line.send = provide(from, input);
  return line;
}

const webSockets = (): Promise<Line> =>
  accessors({ class: 'net/WebSocketServer', parameters: { port: 0 }, output: 'received', ready: 'listening' }, (port) => ({
    class: 'net/WebSocketClient',
    parameters: {},
    inputs: { port },
    input: 'toSend',
    ready: 'connected',
  }));

async function bareWebSockets(): Promise<Line> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const line: Line = {
    send: (message) => client.send(JSON.stringify(message)),
    arrived: () => {},
    close: () => {
      client.terminate();
      server.close();
    },
  };
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      JSON.parse(data.toString());
      line.arrived();
    }),
  );
  await once(client, 'open');
  return line;
}

const tcp = (): Promise<Line> =>
  accessors(
    { class: 'net/TCPSocketServer', parameters: { port: 0, hostInterface: 'localhost' }, output: 'received', ready: 'listening' },
    (port) => ({ class: 'net/TCPSocketClient', parameters: {}, inputs: { port }, input: 'toSend', ready: 'connected' }),
  );

/** Framed with a length in front, as the accessors do it, as simply as can be. */
async function bareTcp(): Promise<Line> {
  const line: Line = { send: () => {}, arrived: () => {}, close: () => {} };
  const server = createServer((socket) => {
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (part) => {
      rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
      let at = 0;
      while (at < rest.length && at + 1 + (rest[at] as number) <= rest.length) {
        rest.toString('utf8', at + 1, at + 1 + (rest[at] as number));
        at += 1 + (rest[at] as number);
        line.arrived();
      }
      rest = rest.subarray(at);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectTcp({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  await once(client, 'connect');
  let corked = false;
  line.send = (message) => {
    if (!corked) {
      client.cork();
      process.nextTick(() => {
        corked = false;
        client.uncork();
      });
    }
    corked = true;
    const data = Buffer.from(message);
    client.write(Buffer.of(data.length));
    client.write(data);
  };
  line.close = () => {
    client.destroy();
    server.close();
  };
  return line;
}

const udp = (): Promise<Line> => {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  return accessors(
    {
      class: 'net/UDPSocketListener',
      parameters: {},
      inputs: { listeningAddress: '127.0.0.1', listeningPort: port },
      output: 'message',
      ready: 'listening',
    },
    () => ({ class: 'net/UDPSocketSender', parameters: {}, inputs: { destinationPort: port }, input: 'toSend' }),
  );
};

async function bareUdp(): Promise<Line> {
  const [from, to] = [createSocket('udp4'), createSocket('udp4')];
  to.bind(0, '127.0.0.1');
  await once(to, 'listening');
  const { port } = to.address();
  const line: Line = {
    send: (message) => from.send(message, port, '127.0.0.1'),
    arrived: () => {},
    close: () => {
      from.close();
      to.close();
    },
  };
  to.on('message', (data) => {
    data.toString();
    line.arrived();
  });
  return line;
}

async function mqtt(port: number): Promise<Line> {
  return accessors(
    {
      class: 'net/MQTTSubscriber',
      parameters: { brokerPort: port },
      inputs: { subscribe: 'bench' },
      output: 'received',
      ready: 'subscription',
    },
    () => ({
      class: 'net/MQTTPublisher',
      parameters: { brokerPort: port, topic: 'bench', qosLevel: 0 },
      inputs: {},
      input: 'toPublish',
      ready: 'connection',
    }),
  );
}

async function bareMqtt(port: number): Promise<Line> {
  const [from, to] = await Promise.all([1, 2].map(() => connectAsync(`mqtt://127.0.0.1:${port}`)));
  if (!from || !to) throw new Error('no connection');
  await to.subscribeAsync('bench');
  const line: Line = {
    send: (message) => from.publish('bench', message),
    arrived: () => {},
    close: () => Promise.all([from.endAsync(), to.endAsync()]),
  };
  to.on('message', (_, data) => {
    data.toString();
    line.arrived();
  });
  return line;
}

/** Messages from accessor to accessor, beside the bare library doing the same. */
export const network: Workload = {
  name: 'network',
  title: 'Messages from accessor to accessor, beside the bare library',
  async run({ short, step }) {
    const port = 30_000 + Math.floor(Math.random() * 2000);
    const broker = await start('mosquitto', ['-v', '-p', String(port)]);
    await broker?.wrote(/mosquitto version .* running/);
    const pairs: [string, () => Promise<Line>, () => Promise<Line>][] = [
      ['web socket, JSON', webSockets, bareWebSockets],
      ['TCP, framed text', tcp, bareTcp],
      ['UDP, text', udp, bareUdp],
    ];
    if (broker) pairs.push(['MQTT, quality 0, mosquitto', () => mqtt(port), () => bareMqtt(port)]);
    const rows: Row[] = [];
    for (const [name, own, reference] of pairs) {
      step(name);
      const messages = short ? 2000 : 20_000;
      const measure = (open: () => Promise<Line>) => async () => rate(await open(), messages);
      rows.push({ name, unit: 'messages/s', ...(await inTurns(short ? 3 : 9, measure(own), measure(reference))) });
    }
    await broker?.stop();
    return rows;
  },
};
