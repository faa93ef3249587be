import type { LimitedOutput } from './console.ts';

/** What swarmlet code may see of `process`, and what Node's own code needs there. */
const processKeys = new Set<PropertyKey>([
  ...['version', 'versions', 'arch', 'platform', 'release', 'title', 'pid', 'exitCode', 'features'],
  ...['abort', 'exit', 'reallyExit', 'nextTick', 'emitWarning', 'cwd'],
  ...['hrtime', 'uptime', 'cpuUsage', 'resourceUsage', 'memoryUsage', 'constrainedMemory', 'availableMemory'],
  ...['domain', '_events', '_eventsCount', '_maxListeners', '_exiting', '_fatalException', '_tickCallback', 'config'],
]);

/** Functions of the platform that reach out of the process. */
const globalNames = ['fetch', 'WebSocket', 'EventSource', 'BroadcastChannel', 'Worker', 'localStorage', 'sessionStorage', 'navigator'];

/**
 * Takes away what swarmlet code must not have, before any of it runs. The walls are the permission model, the limits and
 * the namespaces; this is what stands where there are no namespaces, and it makes mistakes harmless.
 */
export function lockDown(output: LimitedOutput): void {
  const given: Record<string, unknown> = { argv: [], execArgv: [], env: {}, stdout: output.stdout, stderr: output.stderr };
  for (const key of Reflect.ownKeys(process)) {
    if (typeof key === 'symbol' || processKeys.has(key)) continue;
    Reflect.deleteProperty(process, key);
  }
  for (const [name, value] of Object.entries(given)) {
    Object.defineProperty(process, name, { value, enumerable: true, configurable: true, writable: true });
  }
  for (const name of globalNames) Reflect.deleteProperty(globalThis, name);
  Object.defineProperty(globalThis, 'console', { value: output.console(), enumerable: false, configurable: true, writable: true });
}
