import { moduleName } from '../../hosts/node/index.ts';

/** What a swarmlet asks for beyond the default set, taken apart. */
export type Capability =
  | { readonly kind: 'module'; readonly name: string }
  | { readonly kind: 'connect'; readonly host: string; readonly port: number | '*' }
  | { readonly kind: 'listen'; readonly port: number | '*' }
  | { readonly kind: 'files' | 'exec' | 'serial' | 'deployment' | 'trusted' };

/** The modules that each capability but a module's name brings. */
const brings: Readonly<Record<Exclude<Capability['kind'], 'module'>, readonly string[]>> = {
  connect: ['socket'],
  listen: ['socket'],
  files: ['fs'],
  exec: ['shell'],
  serial: ['serial'],
  deployment: ['deployment'],
  trusted: [],
};

/** What a swarmlet that has a capability may require. */
export function modulesOf(capability: Capability): readonly string[] {
  return capability.kind === 'module' ? [moduleName(capability.name)] : brings[capability.kind];
}

const plain = ['files', 'exec', 'serial', 'deployment', 'trusted'] as const;
const moduleText = /^(?:@[a-z0-9-][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;
/** A host name or address, `*` for any part of it; an IPv6 address stands in brackets. */
const host = /^(?:[A-Za-z0-9*](?:[A-Za-z0-9.*_-]*[A-Za-z0-9*])?|\[[0-9A-Fa-f:.*]+\])$/;
const maxText = 255;

/** The capability that a text of PROTOCOL.md section 3 stands for, or undefined. */
export function parseCapability(text: string): Capability | undefined {
  if (text.length > maxText) return undefined;
  const kind = plain.find((name) => name === text);
  if (kind) return { kind };
  const connect = /^net:connect:(.+):([^:]+)$/.exec(text);
  if (connect?.[1] && connect[2]) {
    const port = parsePort(connect[2]);
    return port !== undefined && host.test(connect[1]) ? { kind: 'connect', host: connect[1], port } : undefined;
  }
  const listen = /^net:listen:([^:]+)$/.exec(text);
  if (listen?.[1]) {
    const port = parsePort(listen[1]);
    return port === undefined ? undefined : { kind: 'listen', port };
  }
  return moduleText.test(text) ? { kind: 'module', name: text } : undefined;
}

function parsePort(text: string): number | '*' | undefined {
  if (text === '*') return '*';
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= 65535 ? port : undefined;
}
