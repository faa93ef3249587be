import { CommandLine, NodeHost, Shell } from '../hosts/node/index.ts';
import { deploymentModule } from './module.ts';

export type { AccessorClasses, AccessorContext, AccessorExports, Bindings, MonitorReport, PortOptions } from '../hosts/common/index.ts';
export { AccessorApi, Host, SimulatedClock, WallClock } from '../hosts/common/index.ts';
export { NodeHost, type NodeHostOptions, nodePlatform } from '../hosts/node/index.ts';

/** The host of this process; programs that want another one make a `NodeHost`. */
const node = new NodeHost({ modules: [deploymentModule] });
let shell: Shell | undefined;

export const {
  Accessor,
  addAccessorPath,
  allowTrustedAccessors,
  getAccessorCode,
  getHostName,
  getResource,
  getTopLevelAccessors,
  installIfMissingThenRequire,
  instantiate,
  instantiateInterface,
  instantiateTopLevel,
  isReifiableBy,
  stopAllAccessors,
  uniqueName,
} = node;

/** Runs the command line of the classic host; `args` without program and script (spec section 21). */
export function processCommandLineArguments(args: readonly string[]): void {
  new CommandLine(node).run(args);
}

/** Starts the interactive host on standard input and output (spec section 22). */
export function startHostShell(): Shell {
  shell ??= new Shell(node);
  return shell.start();
}

/** The older entry of generated programs: takes the whole `process.argv`; nothing in it is a usage error, status 3. */
export function invoke(argv: readonly string[]): void {
  const args = argv.slice(2);
  if (args.length === 0) process.exitCode = 3;
  processCommandLineArguments(args);
}

Object.assign(globalThis, { invoke });
