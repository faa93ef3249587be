import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BoxConnection, connect, keyPairSigner } from '../../src/client/index.ts';
import { generateKeyPair, type KeyPair } from '../../src/envelope/index.ts';
import { Service } from '../../src/service.ts';
import type { ServiceOptions } from '../../src/service-options.ts';
import { FakeTier } from './fake-tier.ts';
import { folderWith } from './folder.ts';
import { trustLine } from './signed.ts';
import { SocketClient } from './socket-client.ts';

/** A box on loopback that trusts alice and bob, on isolates without processes unless told otherwise. */
export interface TestBox {
  readonly service: Service;
  readonly tier: FakeTier;
  readonly url: string;
  readonly folder: string;
  /** What it logged, as records. */
  readonly log: Record<string, unknown>[];
  /** Writes the trust list anew; `service.trust.reload()` reads it at once. */
  trust(text: string): void;
  revoke(text: string): void;
  connect(pair?: KeyPair): Promise<BoxConnection>;
  client(): SocketClient;
  close(): Promise<void>;
}

export const alice = generateKeyPair();
export const bob = generateKeyPair();
/** Trusted by nobody. */
export const mallory = generateKeyPair();

export async function openBox(given: Partial<ServiceOptions> = {}): Promise<TestBox> {
  const folder = folderWith({ trusted_keys: trustLine('alice@lab', alice) + trustLine('bob@lab', bob), revoked_keys: '' });
  const tier = new FakeTier();
  const log: Record<string, unknown>[] = [];
  const add = (record: unknown): void =>
    void log.push(typeof record === 'string' ? { event: 'text', text: record } : { ...(record as object) });
  const service = await Service.open({
    listen: { host: '127.0.0.1', port: 0 },
    trustedKeys: join(folder.path, 'trusted_keys'),
    revokedKeys: join(folder.path, 'revoked_keys'),
    log: { info: add, warn: add, error: add } as ServiceOptions['log'],
    tier,
    selfTest: false,
    ...given,
  });
  const url = `ws://127.0.0.1:${service.address?.port}/v1`;
  const ends: (() => unknown)[] = [];
  return {
    service,
    tier,
    url,
    folder: folder.path,
    log,
    trust: (text) => writeFileSync(join(folder.path, 'trusted_keys'), text),
    revoke: (text) => writeFileSync(join(folder.path, 'revoked_keys'), text),
    connect: async (pair = alice) => {
      const box = await connect(url, { signer: keyPairSigner(pair) });
      ends.push(() => box.close());
      return box;
    },
    client: () => {
      const client = new SocketClient(url);
      ends.push(() => client.end());
      return client;
    },
    close: async () => {
      for (const end of ends) await end();
      await service.close();
      folder.remove();
    },
  };
}
