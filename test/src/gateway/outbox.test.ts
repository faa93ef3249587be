import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { WebSocket } from 'ws';
import { Outbox } from '../../../src/gateway/outbox.ts';

const it = suite('what a connection sends');

/** A connection whose other side takes a write when `take` is called, and counts them. */
function connection(bufferedBytes: number) {
  const writes: string[] = [];
  let taken: (() => void) | undefined;
  const socket = new Writable({
    decodeStrings: false,
    highWaterMark: 100, // below the bound, as that of a socket is
    write(chunk, _encoding, done) {
      writes.push(String(chunk));
      taken = done;
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      taken = done;
    },
  });
  const ws = {
    OPEN: 1,
    readyState: 1,
    isPaused: false,
    get bufferedAmount() {
      return socket.writableLength;
    },
    send: (text: string) => socket.write(text),
    pause() {
      ws.isPaused = true;
    },
    resume() {
      ws.isPaused = false;
    },
    terminate: () => socket.destroy(),
  };
  const outbox = new Outbox(ws as unknown as WebSocket, socket as unknown as Socket, { bufferedBytes, stalledMs: 60_000 });
  const take = (): void => {
    const done = taken;
    taken = undefined;
    done?.();
  };
  return { outbox, ws, socket, writes, take };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('sends at once what comes first in a turn, and in one write what follows in it', async () => {
  const { outbox, writes, socket, take } = connection(1000);
  for (let i = 0; i < 10; i++) outbox.notify(String(i));
  outbox.reply('!');
  assert.equal(writes, ['0']);
  take();
  await turn();
  assert.equal(writes, ['0', '123456789!']);
  socket.destroy();
});

it('keeps no more than its bound waiting for a reader that takes nothing, and counts what it drops', async () => {
  const { outbox, writes, socket, take } = connection(1000);
  const text = 'x'.repeat(100);
  let most = 0;
  for (let turns = 0; turns < 20; turns++) {
    for (let i = 0; i < 50; i++) {
      outbox.notify(text);
      most = Math.max(most, socket.writableLength);
    }
    await turn();
  }
  assert.ok(most <= 1000, `${most} bytes waited`);
  const sent = most / text.length;
  while (!writes.at(-1)?.includes('dropped')) {
    take();
    await turn();
  }
  const { params } = JSON.parse(writes.at(-1) as string);
  assert.is(params.count, 20 * 50 - sent);
  socket.destroy();
});

it('holds nothing back for the end of a turn once it has as much as it may keep', async () => {
  const { outbox, writes, socket, take } = connection(1000);
  outbox.notify('x'.repeat(100));
  take();
  for (let i = 0; i < 10; i++) outbox.notify('x'.repeat(100));
  assert.is(writes.join('').length, 100);
  outbox.notify('y');
  assert.is(writes.join('').length, 1100, 'the system may take it now');
  socket.destroy();
});

it('reads again when nobody holds it any more', () => {
  const { outbox, ws, socket } = connection(1000);
  outbox.holdReading(); // a file is being stored
  outbox.holdReading(); // and too much was refused
  outbox.letRead();
  assert.is(ws.isPaused, true);
  outbox.letRead();
  assert.is(ws.isPaused, false);
  socket.destroy();
});

it.run();
