import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type WebSocket, WebSocketServer } from 'ws';
import { bounded, give, type Live, live, Outputs, Reports } from '../support/live.ts';

const it = suite('robotics');
let host: Live;
let reports: Reports;
let bridge: WebSocketServer;
let port = 0;
let operations: Record<string, unknown>[] = [];
let arrived: () => void = () => {};
let robot: WebSocket;

it.before.each(async () => {
  host = live();
  reports = new Reports();
  operations = [];
  bridge = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  bridge.on('connection', (socket) => {
    robot = socket;
    socket.on('message', (data) => {
      operations.push(JSON.parse(String(data)));
      arrived();
    });
  });
  await new Promise((resolve) => bridge.once('listening', resolve));
  port = (bridge.address() as AddressInfo).port;
});
it.after.each(() => {
  host.end();
  reports.restore();
  for (const client of bridge.clients) client.terminate();
  bridge.close();
});

/** Resolves with the first `count` operations that the bridge got. */
function got(count: number): Promise<Record<string, unknown>[]> {
  const all = new Promise<void>((resolve) => {
    arrived = () => {
      if (operations.length >= count) resolve();
    };
    arrived();
  });
  return bounded(all, `${count} operations`).then(() => operations.slice(0, count));
}

const inputs = () => ({ server: '127.0.0.1', port });

it('RosPublisher announces its topic, publishes in order, and withdraws it', async () => {
  const publisher = host.run('robotics/RosPublisher', { topic: '/chatter', ROStype: 'std_msgs/String' }, inputs());
  give(publisher, { toSend: { data: 'before it is open' } });
  give(publisher, { toSend: { data: 'b' } });
  await got(3);
  publisher.wrapup();
  assert.equal(await got(4), [
    { op: 'advertise', topic: '/chatter', type: 'std_msgs/String' },
    { op: 'publish', topic: '/chatter', msg: { data: 'before it is open' } },
    { op: 'publish', topic: '/chatter', msg: { data: 'b' } },
    { op: 'unadvertise', topic: '/chatter' },
  ]);
});

it('RosPublisher gives messages a header', async () => {
  const parameters = { topic: '/p', ROStype: 'geometry_msgs/PointStamped', addHeader: true, frame_id: 'map' };
  const publisher = host.run('robotics/RosPublisher', parameters, inputs());
  give(publisher, { toSend: { point: { x: 1 } } });
  give(publisher, { toSend: { point: { x: 2 } } });
  const [, first, second] = (await got(3)) as {
    msg: { header: { seq: number; stamp: { secs: number }; frame_id: string }; point: object };
  }[];
  assert.equal(first?.msg.point, { x: 1 });
  assert.is(first?.msg.header.frame_id, 'map');
  assert.ok((first?.msg.header.stamp.secs ?? 0) > 1_600_000_000);
  assert.equal([first?.msg.header.seq, second?.msg.header.seq], [0, 1]);
});

it('LocationRosPublisher publishes places', async () => {
  const publisher = host.run('robotics/LocationRosPublisher', { topic: '/fix', frame_id: 'gps' }, inputs());
  await got(1);
  give(publisher, { toSend: { latitude: 37.87, longitude: -122.27 } });
  const [advertised, published] = (await got(2)) as [object, { msg: { latitude: number; altitude: number; header: { frame_id: string } } }];
  assert.equal(advertised, { op: 'advertise', topic: '/fix', type: 'sensor_msgs/NavSatFix' });
  assert.equal([published.msg.latitude, published.msg.altitude, published.msg.header.frame_id], [37.87, 0, 'gps']);
  give(publisher, { toSend: { latitude: 1 } });
  await reports.matching(/A place should have latitude and longitude/);
});

it('RosSubscriber subscribes, sends messages, puts fragments together, and unsubscribes', async () => {
  const subscriber = host.run('robotics/RosSubscriber', { topic: '/scan', throttleRate: 100 }, inputs());
  const outputs = new Outputs(subscriber);
  assert.equal(await got(1), [
    { op: 'subscribe', topic: '/scan', throttle_rate: 100, queue_length: 10, fragment_size: 10_000, compression: 'none' },
  ]);
  const message = { op: 'publish', topic: '/scan', msg: { ranges: [1, 2] } };
  robot.send(JSON.stringify(message));
  assert.equal(await outputs.value('received'), message);
  const text = JSON.stringify(message);
  for (const [num, data] of [
    [1, text.slice(10)],
    [0, text.slice(0, 10)],
  ])
    robot.send(JSON.stringify({ op: 'fragment', id: 'a', data, num, total: 2 }));
  assert.equal(await outputs.value('received', 2), message);
  robot.send(JSON.stringify({ op: 'status', level: 'error', msg: 'no such topic' }));
  await reports.matching(/The rosbridge server says: no such topic/);
  subscriber.wrapup();
  assert.equal((await got(2))[1], { op: 'unsubscribe', topic: '/scan' });
});

it('RosSubscriber sends fragments as they come when asked to', async () => {
  const subscriber = host.run('robotics/RosSubscriber', { topic: '/scan', outputCompleteResponseOnly: false }, inputs());
  const outputs = new Outputs(subscriber);
  await got(1);
  const fragment = { op: 'fragment', id: 'a', data: '{', num: 0, total: 2 };
  robot.send(JSON.stringify(fragment));
  assert.equal(await outputs.value('received'), fragment);
});

it('RosNavigationPose sends a goal with its angle as a quaternion', async () => {
  const robotics = host.run('robotics/RosNavigationPose', { rosbridgeServer: '127.0.0.1', rosbridgePort: port });
  give(robotics, { navigationGoal: { x: 1, y: 2, theta: Math.PI } });
  const [advertised, published] = (await got(2)) as [object, { topic: string; msg: { header: { frame_id: string }; pose: unknown } }];
  assert.equal(advertised, { op: 'advertise', topic: '/move_base_simple/goal', type: 'geometry_msgs/PoseStamped' });
  assert.is(published.topic, '/move_base_simple/goal');
  assert.is(published.msg.header.frame_id, 'map');
  const { position, orientation } = published.msg.pose as { position: object; orientation: { z: number; w: number } };
  assert.equal(position, { x: 1, y: 2, z: 0 });
  assert.ok(orientation.z === 1 && Math.abs(orientation.w) < 1e-9);
  give(robotics, { navigationGoal: { x: 1 } });
  await reports.matching(/A navigation goal should be like/);
});

it('DroneLocation gives the position that mavros publishes', async () => {
  const drone = host.run('robotics/DroneLocation', { rosbridgeServer: '127.0.0.1', rosbridgePort: port });
  const outputs = new Outputs(drone);
  assert.is((await got(1))[0]?.topic, '/mavros/global_position/global');
  const msg = { latitude: 37.87, longitude: -122.27, altitude: 120 };
  robot.send(JSON.stringify({ op: 'publish', topic: '/mavros/global_position/global', msg }));
  await outputs.value('alt');
  assert.equal(outputs.all, [
    ['lat', 37.87],
    ['lon', -122.27],
    ['alt', 120],
  ]);
});

it.run();
