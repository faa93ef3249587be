import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Service } from '../../src/service.ts';
import type { ServiceOptions } from '../../src/service-options.ts';
import { FakeTier } from './fake-tier.ts';
import { folderWith } from './folder.ts';
import { rejection } from './rejection.ts';
import { root } from './run.ts';
import { alice, bob } from './service.ts';
import { commonFields, deployOf, sealed, trustLine } from './signed.ts';

export const CODE = 'exports.setup = function () {};';

/** A folder with a trust list, and boxes on it one after the other. */
export class Place {
  readonly folder = folderWith({ trusted_keys: trustLine('alice@lab', alice) + trustLine('bob@lab', bob), revoked_keys: '' });
  readonly state = join(this.folder.path, 'state');
  readonly open: Service[] = [];
  readonly warnings: string[] = [];

  async box(given: Partial<ServiceOptions> = {}): Promise<Service & { tier: FakeTier }> {
    const tier = new FakeTier();
    const warn = (message: unknown): void => void (typeof message === 'string' && this.warnings.push(message));
    const service = await Service.open({
      state: this.state,
      trustedKeys: join(this.folder.path, 'trusted_keys'),
      revokedKeys: join(this.folder.path, 'revoked_keys'),
      log: { info: () => {}, warn, error: (_: unknown, message?: string) => warn(message) } as ServiceOptions['log'],
      tier,
      selfTest: false,
      ...given,
    });
    this.open.push(service);
    return Object.assign(service, { tier });
  }

  /** Changes what is on disk, as another program would; gives the rows of the last statement. */
  sql(...statements: string[]): unknown[] {
    const code = `const db = new (require('libsql'))(process.argv[1]);
      let rows = []; for (const sql of process.argv.slice(2)) rows = db.prepare(sql).all([]); console.log(JSON.stringify(rows))`;
    return JSON.parse(
      execFileSync(process.execPath, ['-e', code, join(this.state, 'store.db'), ...statements], { cwd: root, encoding: 'utf8' }),
    );
  }

  async remove(): Promise<void> {
    for (const service of this.open) await service.close();
    this.folder.remove();
  }
}

/** Signed by alice. */
export function change(action: string, swarmlet: string, sequence: number, more: object = {}): object {
  return sealed({ action, ...commonFields(), swarmlet, sequence, ...more }, alice);
}

/** Signed by alice. */
export function deploy(swarmlet: string, sequence: number, more: object = {}): object {
  return sealed(deployOf(swarmlet, sequence, CODE, more), alice);
}

/** Resolves when a swarmlet is in this state. */
export async function state(service: Service, swarmlet: string, wanted: string): Promise<void> {
  const deadline = Date.now() + 5000;
  const current = (): string | undefined => service.list().find((status) => status.swarmlet === swarmlet)?.state;
  while (current() !== wanted) {
    if (Date.now() > deadline) throw new Error(`${swarmlet} is ${current()}, expected ${wanted}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Of the error with which it rejects. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return (await rejection(promise)).code;
}
