import { CodedError } from '../../hosts/common/index.ts';
import { common } from '../client/index.ts';
import type { DeployStatement } from '../envelope/index.ts';
import { type Closure, contentOf, type DeployRequest, deployStatement, missingCapabilities } from '../push/index.ts';
import type { Arguments } from './arguments.ts';
import { runFor } from './duration.ts';
import { usageError } from './exit.ts';
import type { Io } from './io.ts';
import { bytes, jsonLine, plain } from './text.ts';
import { jsonOrText, pairs, secretText, wholeNumber } from './values.ts';

export type PushRequest = DeployRequest;
type Secrets = Readonly<Record<string, string>>;

/** What `--secret` names, read once: standard input has an end. */
export function readSecrets(args: Arguments): Secrets {
  return pairs('--secret', args.texts('secret'), secretText);
}

/**
 * What the options ask for, checked as the box will check it, before anything is signed.
 * @throws CodedError USAGE, MISSING_CAPABILITY; ServiceError MALFORMED for names of files
 */
export function checkRequest(closure: Closure, args: Arguments, swarmlet: string, secrets: Secrets): PushRequest {
  const request = requestOf(args, swarmlet, secrets);
  if (!args.flag('dry-run') || missingCapabilities(closure, request).length === 0) statementFor(closure, request);
  return request;
}

function requestOf(args: Arguments, swarmlet: string, secrets: Secrets): PushRequest {
  const duration = args.text('run-for');
  const restart = args.choice('restart', ['always', 'on-failure', 'never']);
  const parameters = pairs('--param', args.texts('param'), jsonOrText);
  const both = Object.keys(secrets).find((name) => Object.hasOwn(parameters, name));
  if (both !== undefined) throw usageError(`--param ${both} and --secret ${both}: a parameter is given once`);
  args.choice('wait', ['running', 'healthy', 'completed']);
  return {
    swarmlet,
    version: args.text('version'),
    capabilities: args.texts('capability'),
    ...(args.texts('param').length > 0 && { parameters }),
    ...(args.texts('secret').length > 0 && { secrets }),
    ...(args.texts('input').length > 0 && { inputs: pairs('--input', args.texts('input'), jsonOrText) }),
    limits: pairs('--limit', args.texts('limit'), wholeNumber),
    ...((duration !== undefined || restart) && {
      run: { ...(duration !== undefined && { for: runFor(duration) }), ...(restart && { restart }) },
    }),
    isolation: args.choice('isolation', ['process', 'thread', 'inline']),
    upgrade: args.choice('upgrade', ['start-first', 'stop-first']),
  };
}

const optionOf: Readonly<Record<string, string>> = {
  swarmlet: '--name',
  version: '--version',
  capabilities: '--capability',
  parameters: '--param',
  inputs: '--input',
  limits: '--limit',
  run: '--run-for',
};

function statementFor(closure: Closure, request: PushRequest): DeployStatement {
  try {
    return deployStatement(closure, request, { ...common(['*']), sequence: 1, version: request.version ?? '1.0.0' });
  } catch (error) {
    const field = error instanceof CodedError ? String((error.detail as { field?: unknown } | undefined)?.field ?? '') : '';
    const option = optionOf[/^\w+/.exec(field)?.[0] ?? ''];
    throw option === undefined ? error : usageError(`${option}: ${(error as CodedError).message}`);
  }
}

/** What would be pushed; of secrets the names. */
export function showDryRun(closure: Closure, { secrets, ...request }: PushRequest, args: Arguments, io: Io): void {
  const missing = missingCapabilities(closure, request);
  const files = [...closure.files].map(([name, { text, path }]) => ({ name, size: Buffer.byteLength(text), path }));
  if (args.flag('json')) {
    io.print(
      jsonLine({
        ...request,
        ...(secrets && { sealed: Object.keys(secrets) }),
        main: closure.main,
        content: contentOf(closure),
        files,
        modules: closure.modules,
        missingCapabilities: missing,
      }),
    );
    return;
  }
  io.print(
    plain(
      `${request.swarmlet}: ${closure.main}, ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${bytes(files.reduce((sum, { size }) => sum + size, 0))}, ${contentOf(closure)}`,
    ),
  );
  for (const { name, size, path } of files) io.print(plain(`  ${name}  ${bytes(size)}  ${path ?? ''}`));
  for (const line of askedFor({ ...request, ...(secrets && { sealed: Object.keys(secrets) }) })) io.print(plain(line));
  if (missing.length > 0) io.print(plain(`Add: ${missing.map((name) => `--capability ${name}`).join(' ')}`));
  io.print('Nothing was signed or sent.');
}

/** `  limits  {"memoryMiB":64}` for each thing that is asked for beyond the defaults of the box; of secrets the names. */
function askedFor({ swarmlet: _, ...asked }: Omit<PushRequest, 'secrets'> & { readonly sealed?: readonly string[] }): string[] {
  return Object.entries(asked).flatMap(([name, value]) => {
    const isNothing = value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
    return isNothing ? [] : [`  ${name}  ${typeof value === 'string' ? value : JSON.stringify(value)}`];
  });
}
