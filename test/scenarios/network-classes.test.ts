import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { push } from '../../src/deploy.ts';
import { Policy } from '../../src/trust/index.ts';
import { bounded, needing, start } from '../support/live.ts';
import { freePort } from '../support/pushed.ts';
import { openBox, type TestBox } from '../support/service.ts';

/** Swarmlets made of the library's network accessors, pushed to a box with their modules and the places that they need. */
const it = suite('network accessors in isolates');
const ends: (() => unknown)[] = [];
let box: TestBox;

it.before(async () => {
  box = await openBox({ tier: undefined, pool: 1, isolationMinimum: 'P1', policy: Policy.parse([{ capabilities: ['*'] }]) });
});
it.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
it.after(() => box.close());

interface Trial {
  /** Body of the composite's `setup`; it has the output `out`, and `give(accessor, input, value)` for when it runs. */
  readonly setup: string;
  readonly capabilities: readonly string[];
  /** What comes out first. */
  readonly sends: unknown;
}

async function firstValue(swarmlet: string, { setup, capabilities }: Trial): Promise<unknown> {
  const code = `
    var begun = [];
    var give = function (accessor, input, value) { begun.push(function () { accessor.provideInput(input, value); accessor.react(); }); };
    exports.setup = function () { this.output('out'); ${setup} };
    exports.initialize = function () { setTimeout(function () { begun.forEach(function (act) { act(); }); }, 0); };`;
  const value = new Promise((resolve) => {
    const look = (output: { readonly swarmlet: string; readonly value: unknown }): void => {
      if (output.swarmlet === swarmlet) resolve(output.value);
    };
    box.service.on('output', look);
    ends.push(() => box.service.off('output', look));
  });
  await push(await box.connect(), { kind: 'code', code, main: 'Main.js' }, { swarmlet, capabilities });
  ends.push(() => box.service.command({ action: 'undeploy', swarmlet }));
  return bounded(value, `the output of ${swarmlet}`);
}

const instantiate = (name: string, accessorClass: string, parameters: object = {}, inputs: object = {}): string => `
  var ${name} = this.instantiate('${name}', 'net/${accessorClass}');
  ${Object.entries(parameters)
    .map(([key, value]) => `${name}.setParameter('${key}', ${JSON.stringify(value)});`)
    .join(' ')}
  ${Object.entries(inputs)
    .map(([key, value]) => `${name}.setDefault('${key}', ${JSON.stringify(value)});`)
    .join(' ')}`;

const brokerPort = await freePort();
const broker = await start('mosquitto', ['-p', String(brokerPort)]);
it.after(() => broker?.stop());

const trials: Readonly<Record<string, () => Promise<Trial>>> = {
  REST: async () => {
    const server = createServer((request, response) => response.end(`${request.method} ${request.url}`)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    return {
      setup: `${instantiate('rest', 'REST', {}, { options: { url: `http://127.0.0.1:${port}`, method: 'PUT' }, command: 'lamp' })}
        this.connect(rest, 'response', 'out'); give(rest, 'trigger', true);`,
      capabilities: ['http-client', `net:connect:127.0.0.1:${port}`],
      sends: 'PUT /lamp',
    };
  },
  'TCPSocketServer and TCPSocketClient': async () => {
    const port = await freePort();
    return {
      setup: `${instantiate('server', 'TCPSocketServer', { hostInterface: '127.0.0.1', port })}
        ${instantiate('client', 'TCPSocketClient', {}, { host: '127.0.0.1' })}
        this.connect(server, 'listening', client, 'port'); this.connect(server, 'received', server, 'toSend');
        this.connect(client, 'received', 'out'); give(client, 'toSend', 'ping');`,
      capabilities: ['socket', `net:listen:${port}`, `net:connect:127.0.0.1:${port}`],
      sends: 'ping',
    };
  },
  'WebSocketServer and WebSocketClient': async () => {
    const port = await freePort();
    return {
      setup: `${instantiate('server', 'WebSocketServer', { hostInterface: '127.0.0.1', port })}
        ${instantiate('client', 'WebSocketClient', {}, { server: '127.0.0.1' })}
        this.connect(server, 'listening', client, 'port'); this.connect(server, 'received', server, 'toSend');
        this.connect(client, 'received', 'out'); give(client, 'toSend', { lamp: 'on' });`,
      capabilities: ['web-socket-server', 'web-socket-client', `net:listen:${port}`, `net:connect:127.0.0.1:${port}`],
      sends: { lamp: 'on' },
    };
  },
  'UDPSocketListener and UDPSocketSender': async () => {
    const port = await freePort();
    return {
      setup: `${instantiate('listener', 'UDPSocketListener', {}, { listeningAddress: '127.0.0.1', listeningPort: port })}
        ${instantiate('sender', 'UDPSocketSender', {}, { destinationAddress: '127.0.0.1', destinationPort: port })}
        this.connect(listener, 'listening', sender, 'toSend'); this.connect(listener, 'message', 'out');`,
      capabilities: ['udp-socket', `net:listen:${port}`, `net:connect:127.0.0.1:${port}`],
      sends: 'true',
    };
  },
  'MQTTPublisher and MQTTSubscriber': async () => ({
    setup: `${instantiate('publisher', 'MQTTPublisher', { brokerHost: '127.0.0.1', brokerPort, topic: 'lab/lamp' })}
      ${instantiate('subscriber', 'MQTTSubscriber', { brokerHost: '127.0.0.1', brokerPort }, { subscribe: 'lab/+' })}
      this.connect(subscriber, 'received', 'out');
      subscriber.on('output', function (name) { if (name === 'subscription') subscribed = true; both(); });
      publisher.on('output', function () { connected = true; both(); });
      var subscribed, connected, both = function () {
        if (subscribed && connected) setTimeout(function () { publisher.provideInput('toPublish', 'on'); publisher.react(); }, 0);
      };`,
    capabilities: ['mqtt', `net:connect:127.0.0.1:${brokerPort}`],
    sends: 'on',
  }),
};

for (const [index, [classes, trial]] of Object.entries(trials).entries()) {
  const define = classes.startsWith('MQTT') ? needing(it, 'mosquitto', broker) : it;
  define(`${classes} ${classes === 'REST' ? 'works' : 'speak with each other'}`, async () => {
    const made = await trial();
    assert.equal(await firstValue(`network-${index}`, made), made.sends);
  });
}

it.run();
