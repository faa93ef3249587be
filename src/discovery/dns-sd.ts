import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bonjour, Service } from 'bonjour-service';
import { z } from 'zod';
import { isLoopback } from '../listen-address.ts';
import { type BoxFacts, type DiscoveryPlugin, type PluginContext, parser, type ThingGroup } from '../plugins/index.ts';
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
/** Of one round; a network that claims more is lying (THREATS W14). */
const mostServices = 1000;

/** Boxes on this network by multicast DNS: `_swarmbox._tcp`. A box announces itself unless it listens on loopback only. */
export const dnsSd: DiscoveryPlugin<z.infer<typeof schema>> = {
  kind: 'discovery',
  name: 'dns-sd',
  parse: parser(schema),
  create: ({ announce }, context) => ({
    run: async (signal, publish) => {
      const { Bonjour } = await import('bonjour-service');
      const failure = new AbortController();
      const bonjour = new Bonjour({}, (error: Error) => failure.abort(error));
      // The library does not listen for errors of its socket, such as that the port is taken.
      const { mdns } = (bonjour as unknown as { readonly server: { readonly mdns: NodeJS.EventEmitter } }).server;
      mdns.on('error', (error: Error) => failure.abort(error));
      const ended = AbortSignal.any([signal, failure.signal]);
      try {
        if (announce && context.box && !isLoopback(context.box.listen.host)) bonjour.publish(announcement(context.box));
        await browse(bonjour, ended, context, publish);
      } finally {
        if (!failure.signal.aborted) await new Promise<void>((resolve) => bonjour.unpublishAll(() => resolve()));
        await new Promise<void>((resolve) => bonjour.destroy(() => resolve()));
      }
      if (!signal.aborted) throw failure.signal.reason;
    },
  }),
};

function announcement({ id, name, version, listen, adminPort }: BoxFacts) {
  const label = name.replaceAll('.', '-').slice(0, 40);
  return {
    name: `${Buffer.byteLength(label) > 50 ? 'box' : label} ${id.slice(7, 15).replace(/[^A-Za-z0-9]/g, '-')}`,
    type,
    port: listen.port,
    host: `${hostname().replace(/\.local$/, '')}.local`,
    probe: false, // the id is in the name
    disableIPv6: true,
    txt: {
      id,
      name: Buffer.byteLength(name) > 200 ? '' : name,
      version,
      ...(listen.secure && { tls: '1' }),
      ...(listen.host !== '0.0.0.0' && listen.host !== '::' && { address: listen.host }),
      ...(adminPort !== undefined && { admin: String(adminPort) }),
    },
  };
}

async function browse(
  bonjour: Bonjour,
  signal: AbortSignal,
  { log }: PluginContext,
  publish: (groups: readonly ThingGroup[]) => void,
): Promise<void> {
  /** When each was last heard of, in rounds. */
  const heard = new Map<string, number>();
  for (let round = 0; !signal.aborted; round++) {
    let early: ThingGroup[] | undefined = round === 0 ? [] : undefined;
    const tell = (groups: ThingGroup[]): void => {
      if (early) early.push(...groups);
      else publish(groups);
    };
    const browser = bonjour.find({ type });
    const take = (service: Service): void => {
      if (!heard.has(service.fqdn) && heard.size >= mostServices) {
        if (heard.size === mostServices) log('warn', `more than ${mostServices} boxes are announced here; the rest is left out`);
        return;
      }
      heard.set(service.fqdn, round);
      tell([groupOf(service)]);
    };
    browser.on('up', take);
    browser.on('txt-update', take);
    browser.on('srv-update', take);
    browser.on('down', ({ fqdn }: Service) => {
      if (heard.delete(fqdn)) tell([{ source: fqdn, targets: [], labels: {} }]);
    });
    await pause(windowMs, undefined, { signal }).catch(() => {}); // aborted: below
    if (early) {
      const found = early;
      early = undefined;
      publish(found);
    }
    const gone = [...heard].filter(([, last]) => last <= round - missedRounds).map(([fqdn]) => fqdn);
    for (const fqdn of gone) heard.delete(fqdn);
    if (gone.length > 0) publish(gone.map((source) => ({ source, targets: [], labels: {} })));
    await pause(roundMs - windowMs, undefined, { signal }).catch(() => {});
    browser.stop();
    browser.removeAllListeners();
  }
}

/** The address that the answer came from is one that leads here; the records may have others, of networks that do not. */
function groupOf({ fqdn, port, txt, referer, addresses = [] }: Service): ThingGroup {
  const text = (name: string): string | undefined => {
    const value: unknown = (txt as Readonly<Record<string, unknown>> | undefined)?.[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const address = text('address') ?? referer?.address ?? addresses[0] ?? '';
  const host = address.includes(':') ? `[${address}]` : address;
  const labels = {
    [meta.id]: text('id'),
    [meta.name]: text('name'),
    [meta.version]: text('version'),
    [meta.adminPort]: text('admin'),
  };
  return {
    source: fqdn,
    targets: [`${text('tls') ? 'wss' : 'ws'}://${host}:${port}`],
    labels: Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined)),
  };
}
