import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { CodedError } from '../../hosts/common/index.ts';
import { type BoxOptions, runBox } from '../box.ts';
import { parseListen } from '../listen-address.ts';
import type { Arguments } from './arguments.ts';
import { type BoxConfig, readBoxConfig } from './box-config.ts';
import type { Action } from './command.ts';
import { isOfSystem } from './error-line.ts';
import { exit, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { stateFolder } from './state-folder.ts';
import { jsonLine, plain } from './text.ts';
import { pairs } from './values.ts';

export const box: Action = async (args, io) => {
  const json = args.flag('json');
  const options = optionsOf(args, io);
  try {
    await runBox(options, {
      signal: io.signal,
      ready: (event) => io.print(json ? jsonLine(event) : plain(readyLine(event))),
      warn: (message) => io.tell(plain(`accessors: ${message}`)),
    });
  } catch (error) {
    throw isOfSystem(error) ? adminError(error, options.admin) : error;
  }
  return exit.done;
};

/** Only the listener of health leaves the system's errors as they are. */
function adminError(error: Error, admin: string): CodedError {
  return new CodedError('EADMIN', `Cannot listen on ${admin} for health (${error.message}): give another address with --admin`, {
    cause: error,
  });
}

type ReadyEvent = Parameters<Parameters<typeof runBox>[1]['ready']>[0];

function readyLine({ deploy, admin, id, isolation }: ReadyEvent): string {
  return `Box ${id} is ready: push to ${deploy}${admin ? `, health at ${admin}/-/ready` : ''}, isolation ${isolation}`;
}

/** Flags, then the file of `--config`, then the defaults. */
function optionsOf(args: Arguments, io: Io): BoxOptions {
  const file = args.text('config');
  const config: BoxConfig = file === undefined ? {} : readBoxConfig(file);
  const state = resolve(args.text('state') ?? config.state ?? stateFolder(io.env));
  return {
    listen: address('listen', args.text('listen') ?? config.listen ?? '0.0.0.0:7927'),
    admin: address('admin', args.text('admin') ?? config.admin ?? '127.0.0.1:7928'),
    state,
    trustedKeys: resolve(args.text('trusted-keys') ?? config.trustedKeys ?? join(state, 'trusted_keys')),
    revokedKeys: resolve(args.text('revoked-keys') ?? config.revokedKeys ?? join(state, 'revoked_keys')),
    name: args.text('name') ?? config.name ?? hostname(),
    labels: { ...config.labels, ...pairs('--label', args.texts('label'), (text) => text) },
    isolationMinimum: args.choice('isolation-minimum', ['P1', 'P2', 'P3']) ?? config.isolation?.minimum ?? 'P2',
    policy: config.policy ?? null,
    limits: config.limits ?? null,
  };
}

function address(option: string, text: string): string {
  try {
    parseListen(text, option);
    return text;
  } catch {
    throw usageError(`--${option} takes HOST:PORT, such as 127.0.0.1:7927; got '${text}'`);
  }
}
