import { type CodedError, errorText } from '../hosts/common/index.ts';
import { NodeHost } from '../hosts/node/index.ts';
import { type Log, openLog } from './audit/index.ts';
import type { Config } from './config/index.ts';
import type { Ready } from './deployer.ts';
import { Deployment } from './deployment.ts';
import type { Life, Notifier } from './notify/index.ts';
import { PluginHost, pluginSettings } from './plugin-host.ts';
import type { LogFan } from './plugins/index.ts';
import type { Service } from './service.ts';

export interface BoxIo {
  /** The box stops when this is aborted, as it does at SIGTERM and SIGINT. */
  readonly signal?: AbortSignal;
  /** Called once, when it takes deployments. */
  ready(event: Ready & { readonly event: 'ready'; readonly admin: string | undefined }): void;
  /** Something that whoever starts it should see. */
  warn(message: string): void;
  /**
   * Asked at SIGHUP for rules, limits and plugins.
   * @throws CodedError that says what is wrong with them; then those in force stay
   */
  reread?(): Config;
  /** Who is told how it is; undefined: nobody wants to know. */
  readonly notifier?: Notifier | undefined;
  /** Where it tells what happens; lines on standard error unless given. */
  readonly log?: Log;
}

/**
 * Runs a box until it is asked to stop: the accessor `deployment/SwarmBox` on a host of its own. SIGHUP reads the trust
 * list, the policy, the plugins and the certificate again.
 * @throws CodedError that says what kept it from starting; then nothing is left running
 */
export async function runBox(options: Config, io: BoxIo): Promise<void> {
  let lines: LogFan | undefined; // plugins tell something before there are sinks
  const log = io.log ?? openLog({ level: options.logLevel, format: options.logFormat, also: { write: (line) => lines?.write(line) } });
  const plugins = await PluginHost.open(pluginSettings(options), () => log);
  lines = plugins.lines;
  const reload = async (): Promise<readonly string[]> => {
    const problems: string[] = [];
    const tryTo = async <T>(step: () => T | Promise<T>, kept: string): Promise<T | undefined> => {
      try {
        return await step();
      } catch (error) {
        problems.push(`${errorText(error)}; ${kept}`);
        return undefined;
      }
    };
    if (isReady) io.notifier?.reloading();
    const given = await tryTo(() => io.reread?.(), 'the policy in force stays');
    for (const deployer of deployment.deployers) await tryTo(() => deployer.reload(given), 'what was in force stays');
    if (given) await tryTo(() => plugins.reload(pluginSettings(given)), 'the plugins that run stay');
    for (const problem of problems) io.warn(problem);
    log.info({ event: 'reloaded', problems });
    if (isReady) io.notifier?.ready(life);
    return problems;
  };
  const deployment = new Deployment(log, plugins, options.adminReload ? reload : undefined);
  const host = new NodeHost({ modules: [{ name: 'deployment', pure: false, create: () => deployment }] });
  const box = host.instantiate('box', 'deployment/SwarmBox');
  const parameters = { ...options, isolation: options.isolationMinimum };
  for (const name of box.parameterList) box.setParameter(name, parameters[name as keyof typeof parameters]);
  const failed = new Promise<never>((_, reject) => {
    box.on('output', (port, value) => {
      if (port === 'failed') reject(value as CodedError);
      if (port === 'warning') io.warn(String(value));
    });
  });
  let isReady = false;
  const life: Life = {
    pulse: async () => deployment.deployers[0]?.service?.pulse.answer(),
    status: () => statusOf(deployment.deployers[0]?.service),
  };
  const ready = new Promise<void>((resolve) => {
    box.on('output', (port, value) => {
      if (port !== 'ready') return;
      isReady = true;
      io.notifier?.ready(life);
      io.ready({ event: 'ready', ...(value as Ready & { admin: string | undefined }) });
      resolve();
    });
  });
  const stop = untilStopped(io.signal, reload);
  try {
    await plugins.beginSinks();
    box.initialize();
    await Promise.race([ready, failed, stop.asked]);
    await Promise.race([failed, stop.asked]);
  } finally {
    stop.forget();
    isReady = false;
    const told = io.notifier?.stopping();
    box.wrapup();
    await Promise.all([deployment.ended(), plugins.end(), told]);
    await plugins.close();
    await log.written?.();
  }
}

/** For whoever looks at the service. */
function statusOf(service: Service | undefined): string {
  const all = service?.list() ?? [];
  const running = all.filter(({ state }) => state === 'running').length;
  const unready = service?.unready;
  return `${running} of ${all.length} swarmlets run${unready === undefined ? '' : `; takes no deployments: ${unready}`}`;
}

function untilStopped(signal: AbortSignal | undefined, reload: () => void): { readonly asked: Promise<void>; forget(): void } {
  let ask = (): void => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  if (signal?.aborted) ask();
  signal?.addEventListener('abort', ask);
  const stops = ['SIGTERM', 'SIGINT'] as const;
  for (const name of stops) process.on(name, ask);
  process.on('SIGHUP', reload);
  return {
    asked,
    forget: () => {
      signal?.removeEventListener('abort', ask);
      for (const name of stops) process.off(name, ask);
      process.off('SIGHUP', reload);
    },
  };
}
