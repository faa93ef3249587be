import { statfs } from 'node:fs/promises';
import type { Neighbourhood } from './discovery/index.ts';
import { BoxCounts, LoopLag, type Reading, readProcess } from './metrics/index.ts';
import { packageVersion } from './package-version.ts';
import type { Service } from './service.ts';

/** A box as its metrics see it: counts what happens, and reads the rest when somebody asks. */
export class ServiceMetrics {
  readonly #service: Service;
  readonly #neighbourhood: Neighbourhood | undefined;
  readonly #counts = new BoxCounts();
  /** From the first reading on: what nobody reads is not measured. */
  #loop: LoopLag | undefined;

  constructor(service: Service, neighbourhood: Neighbourhood | undefined) {
    this.#service = service;
    this.#neighbourhood = neighbourhood;
    service.on('deployed', ({ timeline }) => this.#counts.deployed(timeline));
    service.on('rejected', ({ code, subject }, how) => {
      // What was refused before its statement was read may have been anything; it is among the refusals of the box.
      if (subject.action === 'deploy') this.#counts.notDeployed(how, code);
    });
    service.on('state', ({ version, from, to, reason }) => {
      this.#counts.changed({ swarmlet: version.statement.swarmlet, from, to, reason });
    });
    service.on('forgotten', (swarmlet) => this.#counts.forget(swarmlet));
  }

  async read(): Promise<Reading> {
    const service = this.#service;
    const { state, ...gauges } = service.gauges;
    const [disk, process] = await Promise.all([diskOf(state), readProcess()]);
    this.#loop ??= new LoopLag();
    return {
      ...gauges,
      version: packageVersion(),
      level: service.level,
      isReady: service.unready === undefined,
      hasClockFault: service.clock !== undefined,
      swarmlets: service.list(),
      counts: this.#counts,
      boxes: this.#boxesBySource(),
      disk,
      loop: this.#loop,
      process,
    };
  }

  #boxesBySource(): Map<string, number> {
    const counts = new Map((this.#neighbourhood?.discoverers ?? []).map((label) => [label, 0]));
    for (const { id, sources } of this.#neighbourhood?.boxes ?? []) {
      if (id === this.#service.identity.id) continue;
      // Of a source only the discoverer: the rest is as many texts as somebody out there likes.
      for (const label of new Set(sources.map((source) => source.split(' ', 1)[0] as string))) {
        counts.set(label, (counts.get(label) ?? 0) + 1);
      }
    }
    return counts;
  }

  close(): void {
    this.#loop?.close();
  }
}

async function diskOf(folder: string): Promise<Reading['disk']> {
  if (folder === '') return undefined;
  const system = await statfs(folder).catch(() => undefined);
  return system && { size: system.blocks * system.bsize, free: system.bavail * system.bsize };
}
