import { TypedEmitter, type View } from '../hosts/common/index.ts';
import type {
  PageBox,
  PageBoxEvents,
  PageBoxFacts,
  PageDeployment,
  PagePeer,
  PageRecord,
  PageStatus,
  PageVersion,
} from './dashboard/index.ts';
import type { Box } from './discovery/index.ts';
import { isServiceError } from './errors.ts';
import { toStranger } from './handshake.ts';
import { reachable } from './listen-address.ts';
import { packageVersion } from './package-version.ts';
import type { Service } from './service.ts';
import type { LogLine } from './supervisor/index.ts';

/** A box as its page sees it. */
export class ServicePage extends TypedEmitter<PageBoxEvents> implements PageBox {
  readonly #service: Service;
  readonly #peers: () => readonly Box[];
  readonly #facts: PageBoxFacts;

  constructor(service: Service, peers: () => readonly Box[]) {
    super();
    this.#service = service;
    this.#peers = peers;
    const { identity, name, labels, level, address, isSecure } = service;
    const deploy = address ? `${isSecure ? 'wss' : 'ws'}://${reachable(address)}` : null;
    this.#facts = { id: identity.id, name, labels, level, version: packageVersion(), deploy };
    service.on('state', (change) => {
      this.emit('changed', change.version.statement.swarmlet);
      this.emit('recorded');
    });
    service.on('log', ({ swarmlet, ...line }) => this.emit('log', swarmlet, line));
    service.on('deployed', ({ swarmlet }) => this.emit('changed', swarmlet)); // its sequence is another one
    service.on('rejected', () => this.emit('recorded'));
  }

  facts(): PageBoxFacts {
    return this.#facts;
  }

  peers(): PagePeer[] {
    const others = this.#peers().filter(({ id }) => id !== this.#facts.id);
    return others.map(({ id = null, name = null, version = null, problem = null, ambiguous, urls, labels, sources, lastSeen }) => {
      const seen = lastSeen === undefined ? null : new Date(lastSeen).toISOString();
      return { id, name, version, problem, ambiguous, urls, labels, sources, lastSeen: seen };
    });
  }

  list(): PageStatus[] {
    return this.#service.list();
  }

  status(swarmlet: string): PageStatus | undefined {
    return orUndefined(() => this.#service.status(swarmlet));
  }

  history(swarmlet: string): PageVersion[] {
    return (orUndefined(() => this.#service.history(swarmlet)) ?? []) as PageVersion[];
  }

  async deployment(swarmlet: string, digest: string): Promise<PageDeployment | undefined> {
    const kept = await this.#service.deployment(swarmlet, digest);
    if (!kept) return undefined;
    const { main, parameters = {}, sealed = {}, capabilities = [] } = kept.statement;
    const open = Object.entries(parameters).map(([name, value]) => ({ name, value }));
    return {
      main,
      files: [...kept.files].map(([name, text]) => ({ name, text })),
      parameters: [...open, ...Object.keys(sealed).map((name) => ({ name }))],
      capabilities,
    };
  }

  logs(swarmlet: string): LogLine[] {
    return orUndefined(() => this.#service.logs(swarmlet)) ?? [];
  }

  async audit(limit: number): Promise<PageRecord[]> {
    return (await this.#service.audit(0, limit)) as PageRecord[];
  }

  async observe(swarmlet: string, known: number): Promise<View | undefined> {
    try {
      return await this.#service.observe(swarmlet, known);
    } catch (error) {
      if (isServiceError(error) && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  unobserve(swarmlet: string): void {
    this.#service.unobserve(swarmlet);
  }

  /** Whoever sends it is a stranger until a signature is found good. */
  async submit(envelope: unknown): Promise<unknown> {
    try {
      return await this.#service.submit(envelope, 'page');
    } catch (error) {
      throw isServiceError(error) ? toStranger(error) : error;
    }
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isServiceError(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
