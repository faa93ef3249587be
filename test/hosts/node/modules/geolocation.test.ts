import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleOn } from '../../../support/edge.ts';
import { bounded } from '../../../support/live.ts';

interface Geolocation {
  getCurrentPosition(options: object, callback: (error: Error | null, location?: object) => void): void;
}

const it = suite('geolocation');
let gpsd: Server;
let reports: string[] = [];
let asked = '';
const open = new Set<Socket>();

it.before(async () => {
  gpsd = createServer((socket) => {
    open.add(socket);
    socket.write('{"class":"VERSION","release":"3.22","proto_major":3}\n');
    socket.on('data', (data) => {
      asked += data;
      for (const line of reports) socket.write(`${line}\n`);
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => gpsd.listen(0, '127.0.0.1', resolve));
});
it.before.each(() => {
  asked = '';
});
it.after(() => {
  for (const socket of open) socket.destroy();
  gpsd.close();
});

function geolocation(port = (gpsd.address() as AddressInfo).port) {
  let connections = 0;
  const { module, scope } = moduleOn('geolocation', {
    connect: (options) => {
      assert.equal(options, { host: '127.0.0.1', port: 2947 });
      connections++;
      return connect({ host: '127.0.0.1', port });
    },
  });
  const ask = (options: object): Promise<object | undefined> =>
    bounded(
      new Promise((resolve, reject) => {
        (module as Geolocation).getCurrentPosition(options, (error, location) => (error ? reject(error) : resolve(location)));
      }),
      'a fix',
    );
  return { ask, scope, connections: () => connections };
}

const time = new Date().toISOString();
const flat = JSON.stringify({ class: 'TPV', mode: 2, time, lat: 37.87, lon: -122.27, eph: 5 });
const high = JSON.stringify({ class: 'TPV', mode: 3, time, lat: 37.88, lon: -122.27, altMSL: 50, eph: 3 });

it('waits for a fix with altitude when that is wanted', async () => {
  reports = ['{"class":"DEVICES","devices":[]}', 'no JSON', '{"class":"TPV","mode":1}', flat, high];
  const { ask } = geolocation();
  assert.equal(await ask({ enableHighAccuracy: true }), {
    latitude: 37.88,
    longitude: -122.27,
    altitude: 50,
    accuracy: 3,
    timestamp: Date.parse(time),
  });
  assert.is(asked, '?WATCH={"enable":true,"json":true};\n');
});

it('takes the first fix otherwise, and the last one again while it is young', async () => {
  reports = [flat, high];
  const { ask, connections } = geolocation();
  const first = await ask({});
  assert.equal(first, { latitude: 37.87, longitude: -122.27, accuracy: 5, timestamp: Date.parse(time) });
  assert.equal(await ask({ maximumAge: 3_600_000 }), first);
  assert.is(connections(), 1);
});

it('says that there is no gpsd, and how to get one', async () => {
  await geolocation(1)
    .ask({})
    .then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, /gpsd cannot be reached at port 2947 .*ECONNREFUSED.*apt-get install gpsd/),
    );
});

it('gives its connection back at wrapup', async () => {
  reports = [];
  const { ask, scope } = geolocation();
  const gone = new Promise<void>((resolve) => {
    gpsd.once('connection', (socket) => {
      socket.once('data', () => scope.close());
      socket.once('close', () => resolve());
    });
  });
  ask({}).catch(() => {});
  await bounded(gone, 'the end of the connection');
});

it.run();
