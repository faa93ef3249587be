import { fork } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { folderWith } from '../../support/folder.ts';

/**
 * The reference of a push: the bare box beside this file, asleep between two pushes as ours is.
 * @returns milliseconds from sending the code to its first value
 */
export async function bareReference(count: number, code: string): Promise<number[]> {
  const folder = folderWith();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const args = [folder.path, publicKey.export({ type: 'spki', format: 'pem' }).toString()];
  // None of the flags that run the benchmarks.
  const box = fork(join(import.meta.dirname, 'bare-box.mjs'), args, { execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  try {
    const [port] = await once(createInterface({ input: box.stdout as Readable }), 'line');
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(client, 'open');
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      await pause(300);
      const payload = JSON.stringify({ code });
      const signature = sign(null, Buffer.from(payload), privateKey).toString('base64');
      const begun = performance.now();
      client.send(JSON.stringify({ payload, signature }));
      await once(client, 'message');
      times.push(performance.now() - begun);
    }
    client.terminate();
    return times;
  } finally {
    box.kill();
    folder.remove();
  }
}
