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
  if (rest.length === 0) throw usageError('run needs FILE or CLASS. See: accessors run --help');
  if (argv.includes('--watch'))
    return runAtEverySave(
      argv.filter((word) => word !== '--watch'),
      signal,
    );
  const node = new NodeHost({ modules: [deploymentModule], ...(simulate && { clock: new SimulatedClock(nodePlatform) }) });
  new CommandLine(node).run(rest);
  return untilItEnds();
}

export function runShell(argv: readonly string[]): Promise<ExitCode> {
  if (argv[0] !== undefined) throw usageError(`shell takes no '${argv[0]}'`);
  new Shell(new NodeHost({ modules: [deploymentModule] })).start();
  return untilItEnds();
}
