import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Activity } from '../../../../src/dashboard/page/activity.ts';

const it = suite('activity of a graph');

const graph = (count: number): never => ({ reactions: [[0, count]], values: [[3, count, String(count)]] }) as never;

it('measures how many values come in a second', () => {
  const activity = new Activity();
  for (let i = 0; i <= 11; i++) {
    activity.take(graph(i + 1), i * 200, false);
    activity.measure(i * 200);
  }
  assert.is(activity.port(3)?.rate, 5);
  activity.measure(5000);
  assert.ok(Number(activity.port(3)?.rate) < 1);
});

it('lights up what happens, and not what happened before anybody looked', () => {
  const activity = new Activity();
  activity.take(graph(100), 1000, true);
  assert.equal([activity.reactions(0), activity.nodeGlow(0, 1000), activity.portGlow(3, 1000)], [100, 0, 0]);
  assert.not(activity.isBusy(1000));
  activity.take(graph(101), 2000, false);
  assert.is(activity.nodeGlow(0, 2000), 1);
  assert.ok(activity.portGlow(3, 2350) > 0.4 && activity.portGlow(3, 2350) < 0.6);
  assert.ok(activity.isBusy(2350));
  assert.not(activity.isBusy(3000));
  assert.equal([activity.port(3)?.text, activity.port(7)], ['101', undefined]);
});

it.run();
