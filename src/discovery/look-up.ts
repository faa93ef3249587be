import { greet } from '../client/index.ts';
import { loadPackages, Registry } from '../plugins/index.ts';
import type { Box } from './box.ts';
import { builtIn } from './built-in.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { userSettings } from './user-settings.ts';

export interface LookUpOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** PEM: whose certificates count for wss, instead of those that Node knows. */
  readonly ca?: string | undefined;
  /** What the user should know of a source that does not work; the others are asked all the same. */
  warn(message: string): void;
}

const patienceMs = 6000;

/**
 * Looks once for the boxes out there, where the user's settings say, and asks each who it is.
 * @throws CodedError BAD_SETTINGS; ServiceError BAD_OPTION
 */
export async function lookUp({ env, signal, ca, warn }: LookUpOptions): Promise<readonly Box[]> {
  const { plugins, discovery, folder, file } = userSettings(env);
  const registry = new Registry(builtIn);
  await loadPackages(registry, plugins, folder);
  const configured = registry.configure('discovery', discovery, `${file}: discovery`);
  const neighbourhood = new Neighbourhood({
    context: { folder, box: undefined },
    greet: (url, within) => greet(url, { signal: within, ca }),
    report: (discoverer, level, message) => level === 'warn' && warn(`${discoverer} ${message}`),
  });
  try {
    await neighbourhood.apply(configured);
    await settled(neighbourhood, signal);
    for (const label of neighbourhood.silent) warn(`${label} found nothing within ${patienceMs / 1000} s`);
    return neighbourhood.boxes;
  } finally {
    await neighbourhood.close();
  }
}

function settled(neighbourhood: Neighbourhood, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(resolve), patienceMs);
    const abort = (): void => end(() => reject(signal.reason));
    signal.addEventListener('abort', abort);
    neighbourhood.on('settled', () => end(resolve));
    if (signal.aborted) abort();
    else if (neighbourhood.settled) end(resolve);
    function end(then: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      then();
    }
  });
}
