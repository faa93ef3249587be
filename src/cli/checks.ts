import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { errorText } from '../../hosts/common/index.ts';
import { probeLevels } from '../../hosts/node/isolate/index.ts';
import { chooseIdentity, readKeyFile, run } from '../client/index.ts';
import { clockFault } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { parseListen, reachable } from '../listen-address.ts';
import { exposure, parseAllowedSigners } from '../trust/index.ts';
import type { Io } from './io.ts';

/** What one look found. */
export interface Advice {
  /** `fair`: it works, and could be better; `bad`: a box will not work so, or not safely. */
  readonly level: 'good' | 'fair' | 'bad';
  readonly text: string;
  /** A sentence that says what to do. */
  readonly mend?: string;
}

interface Check {
  readonly name: string;
  readonly needsConfig: boolean;
  look(config: Config, io: Io): Promise<readonly Advice[]>;
}

/** Everything that `accessors doctor` looks at, in that order. */
export const checks: readonly Check[] = [
  { name: 'node', needsConfig: false, look: async () => [node(process.versions.node)] },
  { name: 'openssh', needsConfig: false, look: async (_, io) => [await openssh(io)] },
  { name: 'key', needsConfig: false, look: async (_, io) => [await key(io)] },
  { name: 'isolation', needsConfig: true, look: isolation },
  { name: 'clock', needsConfig: true, look: async ({ state }) => [clock(Date.now(), state)] },
  { name: 'state', needsConfig: true, look: async ({ state }) => stateFolder(state) },
  { name: 'disk', needsConfig: true, look: async ({ state }) => [disk(state)] },
  { name: 'trust', needsConfig: true, look: async ({ trustedKeys }) => [trust(trustedKeys)] },
  { name: 'ports', needsConfig: true, look: ports },
];

function node(version: string): Advice {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    return { level: 'bad', text: `Node.js ${version}`, mend: 'Install Node.js 22 or 24; at least 20.19 is needed.' };
  }
  return major < 22
    ? { level: 'fair', text: `Node.js ${version}, which gets no security fixes any more`, mend: 'Install Node.js 22 or 24.' }
    : { level: 'good', text: `Node.js ${version}` };
}

async function openssh(io: Io): Promise<Advice> {
  const mend = 'Install OpenSSH 8.2 or newer (package openssh-client): it signs what is pushed.';
  try {
    await run('ssh-keygen', ['-Y', 'check-novalidate'], { env: io.env, terminal: false, signal: io.signal });
    const { said } = await run('ssh', ['-V'], { env: io.env, terminal: false, signal: io.signal });
    const [, version = ''] = /OpenSSH_(?:for_Windows_)?(\d+\.\d+)/.exec(said) ?? [];
    if (version !== '' && Number(version) < 8.2) return { level: 'bad', text: `OpenSSH ${version}`, mend };
    return { level: 'good', text: `OpenSSH ${version || 'of unknown version'}` };
  } catch (error) {
    return { level: 'fair', text: `no OpenSSH: ${errorText(error)}`, mend };
  }
}

/** Of the person: a machine that is a box only needs none. */
async function key(io: Io): Promise<Advice> {
  try {
    const identity = await chooseIdentity(undefined, { env: io.env, canAsk: false, signal: io.signal });
    const agent = io.env.SSH_AUTH_SOCK ? 'an agent is there' : 'no agent';
    const { id } = identity.kind === 'file' ? readKeyFile(identity.file).publicKey : identity.publicKey;
    return { level: 'good', text: `you sign with ${id} ${identity.kind === 'file' ? `(${identity.file})` : 'of the agent'}; ${agent}` };
  } catch (error) {
    return { level: 'fair', text: errorText(error), mend: 'Only who pushes from this machine needs one.' };
  }
}

async function isolation({ isolationMinimum }: Config): Promise<readonly Advice[]> {
  const { level, how, missing } = await probeLevels();
  const weak = level < isolationMinimum;
  const text = `level ${level} (${how})${weak ? `, below ${isolationMinimum}: nothing that is pushed will be run` : ''}`;
  return [{ level: weak ? 'bad' : missing.length > 0 ? 'fair' : 'good', text, ...(missing.length > 0 && { mend: missing.join(' ') }) }];
}

export function clock(now: number, state: string): Advice {
  const fault = clockFault(now, state);
  if (fault === undefined) return { level: 'good', text: new Date(now).toISOString() };
  return { level: 'bad', text: fault, mend: 'Set the clock, and let it be kept: timedatectl set-ntp true.' };
}

export function stateFolder(state: string): Advice[] {
  const there = statSync(state, { throwIfNoEntry: false });
  if (!there) {
    const above = nearestFolder(state);
    return [
      mayWrite(above)
        ? { level: 'good', text: `${state} will be made at the first start` }
        : { level: 'bad', text: `${state} cannot be made in ${above}`, mend: `Make it, for this user: mkdir -p ${state}.` },
    ];
  }
  if (!there.isDirectory()) return [{ level: 'bad', text: `${state} is no folder`, mend: 'Name another one with --state.' }];
  const found: Advice[] = [];
  if (!mayWrite(state))
    found.push({ level: 'bad', text: `${state} cannot be written`, mend: `Give it to this user: chown ${user()} ${state}.` });
  if (there.mode & 0o022) found.push({ level: 'bad', text: `others may write in ${state}`, mend: `chmod go-w ${state}` });
  const keyFile = join(state, 'box_ed25519');
  const own = statSync(keyFile, { throwIfNoEntry: false });
  if (own && own.mode & 0o077) found.push({ level: 'bad', text: `others may read ${keyFile}`, mend: `chmod 600 ${keyFile}` });
  return found.length > 0 ? found : [{ level: 'good', text: `${state}${own ? '' : ', still without a key: the first start makes it'}` }];
}

function user(): string {
  return String(process.getuid?.() ?? '$USER');
}

/** The folder itself, or the first one above it that is there. */
function nearestFolder(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) ? path : nearestFolder(dirname(path));
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const MIB = 2 ** 20;

function disk(state: string): Advice {
  const folder = nearestFolder(state);
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / MIB);
  const text = `${free} MiB free at ${folder}`;
  if (free >= 1024) return { level: 'good', text };
  return { level: free < 100 ? 'bad' : 'fair', text, mend: 'Make room: without it a box takes no new swarmlets.' };
}

export function trust(file: string): Advice {
  const mend = 'Say who may push: accessors trust add KEY.';
  if (!statSync(file, { throwIfNoEntry: false })) return { level: 'fair', text: `nobody may push: there is no ${file}`, mend };
  const { keys, warnings } = parseAllowedSigners(readFileSync(file, 'utf8'), file);
  if (keys.size === 0) return { level: 'fair', text: `nobody may push: ${file} has no key`, mend };
  const text = `${keys.size} key${keys.size === 1 ? '' : 's'} in ${file}`;
  const exposed = exposure(file);
  if (exposed !== undefined) return { level: 'bad', text: `${text}; ${exposed}` };
  return warnings.length > 0 ? { level: 'fair', text: `${text}; ${warnings.join('; ')}` } : { level: 'good', text };
}

async function ports({ listen, admin, tls }: Config): Promise<readonly Advice[]> {
  const wanted = [
    { option: 'listen', address: listen, url: `${tls ? 'https' : 'http'}://*/v1` },
    { option: 'admin', address: admin, url: 'http://*/-/healthy' },
  ].filter(({ address }) => address !== '');
  return Promise.all(wanted.map(({ option, address, url }) => port(option, address, url)));
}

/** @param url  of what a box has there, with `*` for the address */
async function port(option: string, address: string, url: string): Promise<Advice> {
  const { host, port } = parseListen(address, option);
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  if (!problem) return { level: 'good', text: `${address} is free` };
  if (problem.code === 'EADDRINUSE' && (await isBox(url.replace('*', reachable({ host, port }))))) {
    return { level: 'good', text: `a box is running at ${address}` };
  }
  const taken = problem.code === 'EADDRINUSE' ? `${address} is in use by another program` : errorText(problem);
  return { level: 'bad', text: taken, mend: `Give another address with --${option}.` };
}

/** It answers as a box does. Whose certificate it shows does not matter: nothing is told to it. */
function isBox(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ask = url.startsWith('https:') ? secureRequest : request;
    const asked = ask(url, { timeout: 1000, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(url.endsWith('/v1') ? response.statusCode === 426 : response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
