import { createRequire } from 'node:module';
import { hostname, networkInterfaces } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Service, ServiceConfig } from 'bonjour-service';
import { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import { isLoopback } from '../listen-address.ts';
import { type BoxFacts, type DiscoveryPlugin, type PluginContext, parser, type ThingGroup } from '../plugins/index.ts';
import { Link } from './dns-sd-link.ts';
import { meta } from './sighting.ts';

const schema = z.strictObject({
  /** Tell others of the box that this works for. */
  announce: z.boolean('expected true or false').default(true),
});

const type = 'swarmbox'; // _swarmbox._tcp
/** After asking, answers are collected so long; who is slow is found in the next round. */
const windowMs = 1000;
const roundMs = 30_000;
/** A box that did not answer in so many rounds is gone, unless it said good-bye before. */
const missedRounds = 3;
/** A network that claims more is lying (THREATS W14). */
const mostServices = 1000;
const mostAddresses = 4;

/** Boxes on this network by multicast DNS, `_swarmbox._tcp`: `{announce}`. A box tells of itself unless it listens on loopback only. */
export const dnsSd: DiscoveryPlugin<z.infer<typeof schema>> = {
  kind: 'discovery',
  name: 'dns-sd',
  parse: parser(schema),
  create: ({ announce }, context) => ({
    run: async (signal, publish) => {
      const { Bonjour } = createRequire(import.meta.url)('bonjour-service') as typeof import('bonjour-service');
      const { box } = context;
      const announcement = announce && box && !isLoopback(box.listen.host) ? announcementOf(box) : undefined;
      const network = new Network(publish, context.log, (address, failed) => new Link(Bonjour, address, announcement, failed));
      try {
        while (!signal.aborted) {
          await network.ask();
          await pause(windowMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
          network.endOfWindow();
          await pause(roundMs - windowMs, undefined, { signal }).catch(() => {});
        }
      } finally {
        await network.close();
      }
    },
  }),
};

function announcementOf({ id, name, version, listen, adminPort }: BoxFacts): ServiceConfig {
  const short = name.replaceAll('.', '-').slice(0, 40);
  return {
    name: `${Buffer.byteLength(short) > 50 ? 'box' : short} ${id.slice(7, 15).replace(/[^A-Za-z0-9]/g, '-')}`,
    type,
    port: listen.port,
    host: `${hostname().replace(/\.local$/, '')}.local`,
    probe: false, // its name has its id in it
    disableIPv6: true,
    txt: {
      id,
      ...(Buffer.byteLength(name) <= 200 && { name }),
      version,
      ...(listen.secure && { tls: '1' }),
      ...(listen.host !== '0.0.0.0' && listen.host !== '::' && { address: listen.host }),
      ...(adminPort !== undefined && { admin: String(adminPort) }),
    },
  };
}

interface Heard {
  /** When it was last heard of. */
  round: number;
  readonly addresses: Set<string>;
}

type OpenLink = (address: string | undefined, failed: (error: Error) => void) => Link;

/** What is heard on all interfaces. */
class Network {
  readonly #publish: (groups: readonly ThingGroup[]) => void;
  readonly #log: PluginContext['log'];
  readonly #open: OpenLink;
  /** By address of the interface. */
  readonly #links = new Map<string | undefined, Link>();
  readonly #heard = new Map<string, Heard>();
  #round = -1;
  /** What is found in the first window is told together: who looks once knows then that all is said. */
  #first: ThingGroup[] | undefined = [];

  constructor(publish: (groups: readonly ThingGroup[]) => void, log: PluginContext['log'], open: OpenLink) {
    this.#publish = publish;
    this.#log = log;
    this.#open = open;
  }

  /** Begins a round, on the interfaces that there are now. */
  async ask(): Promise<void> {
    this.#round++;
    const addresses = new Set(externalAddresses());
    for (const [address, link] of this.#links) {
      if (addresses.has(address)) continue;
      this.#links.delete(address);
      await link.close();
    }
    for (const address of addresses) if (!this.#links.has(address)) this.#add(address);
    if (this.#links.size === 0) throw new Error('multicast DNS works on no interface');
    for (const link of this.#links.values()) {
      link.ask(
        type,
        (service) => this.#found(service),
        (name) => this.#gone([name]),
      );
    }
  }

  #add(address: string | undefined): void {
    const link = this.#open(address, (error) => {
      this.#log('warn', `${address ?? 'no interface'}: ${errorText(error)}`);
      if (this.#links.get(address) !== link) return;
      this.#links.delete(address); // tried again in the next round
      void link.close();
    });
    this.#links.set(address, link);
  }

  endOfWindow(): void {
    const first = this.#first;
    this.#first = undefined;
    if (first) this.#publish(first);
    this.#gone([...this.#heard].filter(([, { round }]) => round <= this.#round - missedRounds).map(([name]) => name));
  }

  #found(service: Service): void {
    const { fqdn } = service;
    const known = this.#heard.get(fqdn);
    if (!known && this.#heard.size >= mostServices) {
      this.#log('warn', `more than ${mostServices} boxes are announced here; ${fqdn} is left out`);
      return;
    }
    const heard = known ?? { round: this.#round, addresses: new Set() };
    this.#heard.set(fqdn, heard);
    heard.round = this.#round;
    const address = addressOf(service);
    if (address !== undefined && heard.addresses.size < mostAddresses) heard.addresses.add(address);
    this.#tell([groupOf(service, [...heard.addresses])]);
  }

  #gone(names: readonly string[]): void {
    const known = names.filter((name) => this.#heard.delete(name));
    if (known.length > 0) this.#tell(known.map((source) => ({ source, targets: [], labels: {} })));
  }

  #tell(groups: readonly ThingGroup[]): void {
    if (this.#first) this.#first.push(...groups);
    else this.#publish(groups);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    this.#links.clear();
  }
}

/** Of the interfaces that lead somewhere; without any, that of this machine. */
function externalAddresses(): (string | undefined)[] {
  const all = Object.values(networkInterfaces()).flatMap((list = []) =>
    list.filter(({ family, internal }) => family === 'IPv4' && !internal),
  );
  return all.length > 0 ? all.map(({ address }) => address) : [undefined];
}

/** Where the answer came from leads there; its records may name others, of networks that do not. */
function addressOf({ referer, addresses = [], ...service }: Service): string | undefined {
  return textOf(service.txt, 'address') ?? referer?.address ?? addresses[0];
}

function groupOf({ fqdn, port, txt }: Service, addresses: readonly string[]): ThingGroup {
  const scheme = textOf(txt, 'tls') ? 'wss' : 'ws';
  const labels = {
    [meta.id]: textOf(txt, 'id'),
    [meta.name]: textOf(txt, 'name'),
    [meta.version]: textOf(txt, 'version'),
    [meta.adminPort]: textOf(txt, 'admin'),
  };
  return {
    source: fqdn,
    targets: addresses.map((address) => `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`),
    labels: Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined)),
  };
}

function textOf(txt: unknown, name: string): string | undefined {
  const value = (txt as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
