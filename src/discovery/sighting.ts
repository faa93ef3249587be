import { boxUrl } from '../client/index.ts';
import { isKeyId, type KeyId } from '../envelope/index.ts';
import type { ThingGroup } from '../plugins/index.ts';

/** What one source says of a box: a hint, until the box has answered for itself. */
export interface Sighting {
  /** Discoverer and place in it: `file_sd targets.json`. */
  readonly source: string;
  /** ws or wss, where it takes deployments. */
  readonly url: string;
  readonly id: KeyId | undefined;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string | undefined;
  /** Of metrics and health, on the same host. */
  readonly adminPort: number | undefined;
}

/** What the labels of a group tell of its boxes. */
export const meta = {
  id: '__meta_swarmbox_id',
  name: '__meta_swarmbox_name',
  version: '__meta_swarmbox_version',
  /** Where it takes deployments; then the target is where its metrics are. */
  url: '__meta_swarmbox_url',
  adminPort: '__meta_swarmbox_admin_port',
} as const;

export const mostTargets = 1000;
const mostText = 256;

/**
 * Reads a group as a source published it.
 * @param discoverer  its label
 * @throws Error that says what is wrong with it
 */
export function sightingsOf(discoverer: string, group: ThingGroup): Sighting[] {
  const { source, targets, labels } = group;
  if (typeof source !== 'string' || source.length > 4096) throw new Error('expected the name of a source');
  if (!Array.isArray(targets) || targets.length > mostTargets)
    throw new Error(`${source}: expected a list of at most ${mostTargets} targets`);
  const texts = textsOf(labels, source);
  const id = texts[meta.id];
  if (id !== undefined && !isKeyId(id)) throw new Error(`${source}: ${meta.id} is no SHA256:...`);
  const about = {
    source: source === '' ? discoverer : `${discoverer} ${source}`,
    id,
    name: texts[meta.name],
    // In the list of a box, `box` is the label that Prometheus shows for the name.
    labels: Object.fromEntries(
      Object.entries(texts).filter(([name, value]) => !name.startsWith('__') && !(name === 'box' && value === texts[meta.name])),
    ),
    version: texts[meta.version],
  };
  const url = texts[meta.url];
  // In the list of a box, one whose metrics nobody reaches.
  if (url !== undefined && targets.length === 0) return [{ ...about, url: targetUrl(url), adminPort: undefined }];
  return targets.map((target): Sighting => {
    if (typeof target !== 'string') throw new Error(`${source}: a target is HOST:PORT, got ${JSON.stringify(target)}`);
    const admin = url === undefined ? texts[meta.adminPort] : /:(\d+)$/.exec(target)?.[1];
    return { ...about, url: targetUrl(url ?? target), adminPort: admin === undefined ? undefined : Number(admin) };
  });
}

/** @throws Error that says what a target is */
export function targetUrl(target: string): string {
  const url = boxUrl(target);
  if (url === undefined) throw new Error(`'${target}' is no target: write HOST:PORT, or ws://HOST:PORT`);
  return url;
}

function textsOf(labels: unknown, source: string): Readonly<Record<string, string>> {
  const entries = Object.entries((labels ?? {}) as object);
  const good =
    entries.length <= 64 &&
    entries.every(([name, value]) => name.length <= mostText && typeof value === 'string' && value.length <= mostText);
  if (!good) throw new Error(`${source}: labels are at most 64 texts of ${mostText} characters`);
  return Object.fromEntries(entries) as Record<string, string>;
}
