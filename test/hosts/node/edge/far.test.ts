import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FarEdge } from '../../../../hosts/node/edge/far/index.ts';
import type { EdgeRequest } from '../../../../hosts/node/edge/index.ts';

const it = suite('the edge inside an isolate');

it('closes a connection that the host accepted while its listener was being closed', async () => {
  const told: EdgeRequest[] = [];
  const edge = new FarEdge({ tell: (request) => told.push(request), bytes() {} }, { interfaces: [] }, () => Buffer.alloc(0));
  const listener = edge.listen({ host: '127.0.0.1', port: 80 });
  listener.on('connection', () => assert.unreachable());
  listener.close();
  edge.event({ on: 'accepted', id: 1, stream: -1, from: { host: '127.0.0.1', port: 5000 } });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told.slice(1), [
    { do: 'close', id: 1 },
    { do: 'close', id: -1 },
  ]);
  assert.not(edge.isOpen);
});

it.run();
