import type { Edge, SpawnOptions } from '../edge.ts';
import { Folders } from '../own/index.ts';
import { plainEdge } from '../plain-edge.ts';
import { Harbour } from './harbour.ts';

/** What all swarmlets of a box reach the outside through. */
export class World {
  readonly edge: Edge = plainEdge;
  readonly harbour = new Harbour(plainEdge);
  readonly folders: Folders;
  /** Puts a wall around a program, where the system has one; `memoryMiB` is that of its swarmlet. */
  enclose: (program: SpawnOptions, memoryMiB: number) => SpawnOptions = (program) => program;
  readonly #ownPorts: () => readonly number[];

  /**
   * @param ownPorts  at which the box itself listens, as of now
   * @param state     folder of the box; '' for none
   */
  constructor(ownPorts: () => readonly number[] = () => [], state = '') {
    this.folders = new Folders(state);
    this.#ownPorts = ownPorts;
  }

  ownPorts(): readonly number[] {
    return this.#ownPorts();
  }

  close(): Promise<void> {
    return this.folders.close();
  }

  interfaces() {
    return this.edge.interfaces();
  }
}
