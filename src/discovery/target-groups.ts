import type { BoxFacts } from '../plugins/index.ts';
import type { Box } from './box.ts';
import type { Group } from './groups.ts';
import { meta } from './sighting.ts';

/**
 * All boxes as Prometheus takes them by `http_sd`: the target is where the metrics of a box are, and with them those of its
 * swarmlets. The labels of a box are labels of its series. A box reads it too, as a list of its peers; those that show their metrics to
 * nobody are in it without a target.
 * @param self  of the box that is asked
 * @param here  host and port by which it was asked: whoever asks reaches it there
 */
export function targetGroups(boxes: readonly Box[], self: BoxFacts | undefined, here: string): Group[] {
  const others = boxes.filter(({ id, urls }) => urls.length > 0 && (id === undefined || id !== self?.id));
  return [...(self ? [ownGroup(self, here)] : []), ...others.map(groupOf)];
}

function ownGroup({ id, name, labels, version, listen }: BoxFacts, here: string): Group {
  const host = here.replace(/:\d+$/, '');
  const url = `${listen.secure ? 'wss' : 'ws'}://${host}:${listen.port}/v1`;
  return {
    targets: [/:\d+$/.test(here) ? here : `${here}:80`],
    labels: { ...ownLabels(name, labels), ...metaLabels({ id, name, version, url }) },
  };
}

function groupOf({ id, name, labels, version, adminPort, urls: [url = ''] }: Box): Group {
  const targets = adminPort === undefined ? [] : [`${new URL(url).hostname}:${adminPort}`];
  return { targets, labels: { ...ownLabels(name, labels), ...metaLabels({ id, name, version, url }) } };
}

/** Names of labels have letters, digits and `_` there. */
function ownLabels(name: string | undefined, labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).map(([label, value]) => [label.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d|__)/, 'l_'), value]);
  return { ...(name !== undefined && { box: name }), ...Object.fromEntries(entries) };
}

function metaLabels(told: Readonly<Record<'id' | 'name' | 'version' | 'url', string | undefined>>): Record<string, string> {
  const entries = Object.entries(told).map(([what, value]) => [meta[what as keyof typeof told], value]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
