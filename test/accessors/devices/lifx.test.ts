import { createSocket, type Socket } from 'node:dgram';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bounded, give, type Live, live, needing, Outputs, Reports } from '../../support/live.ts';

const it = suite('Lifx');
const MAC = 'd073d5001337';
/** Of the protocol. A host may have no way for broadcasts on loopback, or another program at this port. */
const BROADCAST_PORT = 56_700;
const withPort = needing(it, `broadcasts to UDP port ${BROADCAST_PORT} on loopback`, await heardOnLoopback());
let host: Live;
let reports: Reports;
let lamp: Socket;
let port = 0;
/** What the lamp was told, without what everybody asks. */
let told: { readonly type: number; readonly target: string; readonly payload: Buffer }[] = [];
let heard: () => void = () => {};
/** So many commands get lost. */
let deaf = 0;

it.before.each(async () => {
  host = live();
  reports = new Reports();
  told = [];
  deaf = 0;
  lamp = createSocket('udp4');
  await new Promise<void>((resolve) => lamp.bind(0, '127.0.0.1', resolve));
  port = lamp.address().port;
  lamp.on('message', (packet, from) => {
    const type = packet.readUInt16LE(32);
    const reply = (answer: number, payload: Buffer): void => {
      const head = Buffer.from(packet.subarray(0, 36));
      head.writeUInt16LE(36 + payload.length, 0);
      head.write(MAC, 8, 'hex');
      head.writeUInt16LE(answer, 32);
      lamp.send(Buffer.concat([head, payload]), from.port, from.address);
    };
    if (type === 2) {
      const service = Buffer.alloc(5);
      service[0] = 1;
      service.writeUInt32LE(port, 1);
      reply(3, service);
      return;
    }
    told.push({ type, target: packet.toString('hex', 8, 14), payload: Buffer.from(packet.subarray(36)) });
    if (type === 101) {
      const state = Buffer.alloc(52);
      for (const [index, value] of [32_768, 65_535, 32_768, 3500].entries()) state.writeUInt16LE(value, index * 2);
      state.writeUInt16LE(65_535, 10);
      state.write('Desk', 12);
      reply(107, state);
    } else if (packet[22] === 2 && deaf-- <= 0) reply(45, Buffer.alloc(0));
    heard();
  });
});
it.after.each(() => {
  host.end();
  reports.restore();
  lamp.close();
});

async function found(parameters: object = {}) {
  const lifx = host.run(
    'devices/Lifx',
    { listeningPort: 0, listeningIpAddress: '127.0.0.1', discoveryInterval: 0, ...parameters },
    { manualBulbSetup: { ipAddress: '127.0.0.1', port } },
  );
  const outputs = new Outputs(lifx);
  await outputs.value('discovered');
  return { lifx, outputs };
}

it('asks a lamp that is named who it is', async () => {
  const { outputs } = await found();
  assert.equal(outputs.of('discovered')[0], [{ ipAddress: '127.0.0.1', port, mac: MAC }]);
});

withPort('asks all lamps of the network at once, and each is listed as it answers', async () => {
  const listening = createSocket({ type: 'udp4', reuseAddr: true });
  await new Promise<void>((resolve) => listening.bind(BROADCAST_PORT, '255.255.255.255', resolve));
  listening.on('message', (packet, from) => {
    assert.equal([packet.readUInt16LE(32), packet.toString('hex', 8, 14)], [2, '000000000000']);
    assert.ok(packet.readUInt16LE(2) & (1 << 13), 'it is for everybody');
    for (const [index, mac] of [MAC, 'd073d5001338'].entries()) {
      const answer = Buffer.alloc(41);
      packet.copy(answer);
      answer.writeUInt16LE(41, 0);
      answer.write(mac, 8, 'hex');
      answer.writeUInt16LE(3, 32);
      answer[36] = 1;
      answer.writeUInt32LE(port + index, 37);
      listening.send(answer, from.port, from.address);
    }
  });
  const lifx = host.run('devices/Lifx', { listeningPort: 0, listeningIpAddress: '127.0.0.1', discoveryInterval: 0 });
  const outputs = new Outputs(lifx);
  const both = [
    { ipAddress: '127.0.0.1', port, mac: MAC },
    { ipAddress: '127.0.0.1', port: port + 1, mac: 'd073d5001338' },
  ];
  assert.equal(await outputs.values('discovered', 2), [both.slice(0, 1), both]);
  give(lifx, { triggerDiscovery: true }); // who is known is not listed again
  give(lifx, { selectLight: 0, probe: true });
  await outputs.value('data');
  assert.equal([outputs.of('discovered').length, reports.lines], [2, []]);
  listening.close();
});

it('sends colour and power as the protocol has them', async () => {
  const { lifx } = await found();
  const both = new Promise<void>((resolve) => {
    heard = () => told.length === 2 && resolve();
  });
  give(lifx, { control: { power: true, color: { hue: 180, saturation: 1, brightness: 0.5, kelvin: 3500 }, duration: 1000 } });
  await bounded(both, 'the command');
  const [color, power] = told as [(typeof told)[0], (typeof told)[0]];
  assert.equal([color.type, color.target], [102, MAC]);
  assert.is(color.payload.toString('hex'), '00' + '0080' + 'ffff' + '0080' + 'ac0d' + 'e8030000');
  assert.equal([power.type, power.payload.toString('hex')], [117, 'ffff' + 'e8030000']);
});

it('tells the state of the selected lamp after a probe', async () => {
  const { lifx, outputs } = await found();
  give(lifx, { probe: true });
  assert.equal(await outputs.value('data'), {
    label: 'Desk',
    power: true,
    color: { hue: 180.003, saturation: 1, brightness: 0.5, kelvin: 3500 },
    ipAddress: '127.0.0.1',
    port,
    mac: MAC,
  });
});

it('sends a command again until the lamp acknowledges it', async () => {
  const { lifx } = await found({ setFaultTolerent: true });
  deaf = 2;
  const third = new Promise<void>((resolve) => {
    heard = () => told.length === 3 && resolve();
  });
  give(lifx, { control: { power: false } });
  await bounded(third, 'the third attempt');
  assert.equal(
    told.map(({ type }) => type),
    [117, 117, 117],
  );
});

it('reports a lamp that does not acknowledge, and one that is not there', async () => {
  const { lifx } = await found({ setFaultTolerent: true });
  deaf = 100;
  give(lifx, { control: { power: false } });
  await reports.matching(/127\.0\.0\.1 does not acknowledge/);
  assert.is(told.length, 5);
  give(lifx, { selectLight: 3, probe: true });
  await reports.matching(/There is no lamp 3; discovered so far: 1/);
});

it('ignores what no lamp sends', async () => {
  const { lifx, outputs } = await found();
  const stranger = createSocket('udp4');
  const at = await new Promise<number>((resolve) => {
    heard = () => {};
    lamp.once('message', (_, from) => resolve(from.port));
    give(lifx, { probe: true });
  });
  for (const junk of [Buffer.alloc(0), Buffer.alloc(36), Buffer.from('hello'.repeat(20))]) stranger.send(junk, at, '127.0.0.1');
  await outputs.value('data');
  stranger.close();
  give(lifx, { probe: true });
  await outputs.value('data', 2);
});

async function heardOnLoopback(): Promise<boolean> {
  const [receiver, sender] = [createSocket('udp4'), createSocket('udp4')];
  try {
    return await new Promise<boolean>((resolve) => {
      const late = setTimeout(resolve, 500, false);
      for (const socket of [receiver, sender]) socket.once('error', () => resolve(false));
      receiver.once('message', () => resolve(true));
      receiver.bind(BROADCAST_PORT, '255.255.255.255', () =>
        sender.bind(0, '127.0.0.1', () => {
          sender.setBroadcast(true);
          sender.send('hello', BROADCAST_PORT, '255.255.255.255');
        }),
      );
      receiver.once('close', () => clearTimeout(late));
    });
  } finally {
    receiver.close();
    sender.close();
  }
}

it.run();
