import { SimulatedClock } from '../../hosts/common/index.ts';
import { CommandLine, NodeHost, nodePlatform, Shell } from '../../hosts/node/index.ts';
import { deploymentModule } from '../module.ts';
import { type ExitCode, usageError } from './exit.ts';
import { runAtEverySave } from './run-watch.ts';

/** The classic host ends the process by itself, when its accessors have wrapped up. */
const untilItEnds = (): Promise<ExitCode> => new Promise(() => {});

export function runClassic(argv: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const simulate = argv.includes('--simulate');
  const rest = argv.filter((word) => word !== '--simulate' && word !== '--watch');
  if (argv.includes('--watch') && rest.length > 0) {
    const words = argv.filter((word) => word !== '--watch');
    return runAtEverySave(words, signal);
  }
  const node = new NodeHost({ modules: [deploymentModule], ...(simulate && { clock: new SimulatedClock(nodePlatform) }) });
  new CommandLine(node).run(rest);
  return rest.length === 0 ? Promise.resolve(0) : untilItEnds(); // it has told how it is used
}

export function runShell(argv: readonly string[]): Promise<ExitCode> {
  if (argv[0] !== undefined) throw usageError(`shell takes no '${argv[0]}'`);
  new Shell(new NodeHost({ modules: [deploymentModule] })).start();
  return untilItEnds();
}
