import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Structure } from '../../../hosts/common/index.ts';
import { elkHere } from '../../../src/cli/elk.ts';
import { type Drawing, graphOf, layOut, openTo, shownPorts, svgOf, visible } from '../../../src/graph/index.ts';

const it = suite('graph');

/** Top: clock -> room (sensor -> heater) -> display; `error` of the sensor goes to the display too. */
const structure: Structure = {
  nodes: [
    { name: 'Top', class: 'Top.js', parent: -1, inputs: [], outputs: ['error'], parameters: [] },
    { name: 'Top.clock', class: 'test/Clock', parent: 0, inputs: [], outputs: ['tick', 'error'], parameters: ['interval'] },
    { name: 'Top.room', class: 'Room', parent: 0, inputs: ['tick'], outputs: ['warm', 'error'], parameters: [] },
    { name: 'Top.display', class: null, parent: 0, inputs: ['show', 'failed'], outputs: ['error'], parameters: [] },
    { name: 'Top.room.sensor', class: 'Sensor', parent: 2, inputs: ['tick'], outputs: ['value', 'error'], parameters: [] },
    { name: 'Top.room.heater', class: 'Heater', parent: 2, inputs: ['in'], outputs: ['warm', 'error'], parameters: [] },
  ],
  edges: [
    [1, 3], // clock.tick > room.tick
    [3, 9], // room.tick > sensor.tick
    [10, 12], // sensor.value > heater.in
    [13, 4], // heater.warm > room.warm
    [4, 6], // room.warm > display.show
    [5, 7], // room.error > display.failed
  ],
  omitted: 0,
};
const graph = graphOf(structure);
const draw = (depth: number): Promise<Drawing> => layOut(elkHere(), graph, openTo(graph, depth), true);

it('names accessors within their containers, and shows `error` where it is connected', () => {
  assert.equal(
    graph.nodes.map(({ name, depth }) => `${depth} ${name}`),
    ['0 Top', '1 clock', '1 room', '1 display', '2 sensor', '2 heater'],
  );
  assert.equal(graph.nodes.map((node) => shownPorts(node).map(({ name }) => name)).slice(1, 4), [
    ['tick'],
    ['tick', 'warm', 'error'],
    ['show', 'failed'],
  ]);
});

it('opens composites down to a depth, as long as not too much is shown', () => {
  assert.equal([...visible(graph, openTo(graph, 0))], [0]);
  assert.equal([...visible(graph, openTo(graph, 1))], [0, 1, 2, 3]);
  assert.equal([...visible(graph, openTo(graph, 9))], [0, 1, 2, 3, 4, 5]);
  assert.equal([...visible(graph, openTo(graph, 9, 5))], [0, 1, 2, 3]);
});

it('places what is inside of an open composite within it, and values flow from left to right', async () => {
  const drawing = await draw(9);
  const [top, clock, room, display, sensor, heater] = [0, 1, 2, 3, 4, 5].map((i) => drawing.nodes.find(({ node }) => node === i));
  if (!top || !clock || !room || !display || !sensor || !heater) throw new Error('not all are drawn');
  const isWithin = (inner: typeof top, outer: typeof top): boolean =>
    inner.x > outer.x &&
    inner.y > outer.y &&
    inner.x + inner.width < outer.x + outer.width &&
    inner.y + inner.height < outer.y + outer.height;
  for (const inner of [clock, room, display]) assert.ok(isWithin(inner, top));
  for (const inner of [sensor, heater]) assert.ok(isWithin(inner, room));
  assert.ok(clock.x + clock.width < room.x && sensor.x + sensor.width < heater.x && room.x + room.width < display.x);
  assert.equal([top.kind, room.kind, clock.kind], ['open', 'open', 'leaf']);
  assert.is(drawing.edges.length, 6);
  for (const { from, to, points, label } of drawing.edges) {
    const ports = drawing.nodes.flatMap(({ ports }) => ports);
    const at = (port: number): number[] => ports.filter((one) => one.port === port).flatMap(({ x, y }) => [x, y]);
    const [first, last] = [points[0] ?? [], points.at(-1) ?? []];
    for (const [i, value] of at(from).entries()) assert.ok(Math.abs(value - (first[i] as number)) < 1.5, `${from} begins at its port`);
    for (const [i, value] of at(to).entries()) assert.ok(Math.abs(value - (last[i] as number)) < 1.5, `${to} ends at its port`);
    assert.ok(label);
  }
});

it('draws a closed composite with its ports and without its contents', async () => {
  const { nodes, edges } = await draw(1);
  assert.equal(
    nodes.map(({ name, kind }) => `${name} ${kind}`),
    ['Top open', 'clock leaf', 'room closed', 'display leaf'],
  );
  assert.equal(
    edges.map(({ from, to }) => [from, to]),
    [
      [1, 3],
      [4, 6],
      [5, 7],
    ],
  );
});

it('makes SVG in which every name is text', async () => {
  const evil = '"><script>alert(1)</script>&\u0007\u202e';
  const nodes = structure.nodes.map((node, i) =>
    i === 1 ? { ...node, name: `Top.${evil}`, class: evil, outputs: [evil, 'error'] } : node,
  );
  const hostile = graphOf({ ...structure, nodes });
  const svg = svgOf(await layOut(elkHere(), hostile, openTo(hostile, 9), false), evil);
  for (const refused of ['<script', '\u0007', '\u202e']) assert.not(svg.includes(refused));
  assert.match(svg, /&lt;script&gt;/);
  assert.match(svg, /^<svg [^>]*viewBox="0 0 \d+ \d+"/);
  assert.is(svg.match(/class="edge"/g)?.length, 6);
  assert.match(svg, /prefers-color-scheme: dark/);
});

it.run();
