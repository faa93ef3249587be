import { EventEmitter } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import type { Edge } from '../../hosts/node/index.ts';

type At = { readonly host: string; readonly port: number };

/** An edge without a world: nobody answers, nobody comes, and nothing of this machine is touched. */
export const silentEdge: Edge = {
  connect: () => silentStream(),
  listen: ({ host, port }) => silentSocket({ host, port: port || 1 }) as never,
  datagrams: ({ bind }) => Object.assign(silentSocket(bind ?? { host: '0.0.0.0', port: 1 }), { send: () => {} }) as never,
  spawn: () => {
    const process = Object.assign(new EventEmitter(), {
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      kill: () => void process.emit('close', null, 'SIGTERM'),
    });
    return process as never;
  },
  serial: () => silentStream(),
  serialPorts: async () => [],
  lookup: async () => '127.0.0.1',
  interfaces: () => [],
  folder: () => ({}) as never,
  part: () => Buffer.alloc(0),
  readFile: async (path) => {
    throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' });
  },
};

function silentStream(): Duplex {
  return new Duplex({ read() {}, write: (_part, _encoding, done) => done() });
}

function silentSocket(at: At) {
  const socket = Object.assign(new EventEmitter(), { close: () => void socket.emit('close') });
  process.nextTick(() => socket.emit('listening', at));
  return socket;
}
