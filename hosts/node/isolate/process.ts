import type { World } from '../edge/gate/index.ts';
import { CarriedIsolate } from './carried.ts';
import type { Launch } from './launch.ts';
import { ProcessTree } from './process-tree.ts';
import type { Watchdog } from './watchdog.ts';

/** One child process, and the swarmlet that it runs. */
export class ProcessIsolate extends CarriedIsolate<ProcessTree> {
  constructor(launch: Launch, memoryMiB: number, watchdog: Watchdog, world: World) {
    super(launch.level, memoryMiB, watchdog, world, (onExit) => new ProcessTree(launch, memoryMiB, onExit));
  }

  /** Of the process that stands in front, which ends with this one. */
  get outerPid(): number | undefined {
    return this.carrier.outerPid;
  }
}
