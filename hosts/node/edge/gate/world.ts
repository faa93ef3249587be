import type { Edge } from '../edge.ts';
import { plainEdge } from '../plain-edge.ts';
import { Harbour } from './harbour.ts';

/** What all swarmlets of a box reach the outside through. */
export class World {
  readonly edge: Edge = plainEdge;
  readonly harbour = new Harbour(plainEdge);
  readonly #ownPorts: () => readonly number[];

  /** @param ownPorts  at which the box itself listens, as of now */
  constructor(ownPorts: () => readonly number[] = () => []) {
    this.#ownPorts = ownPorts;
  }

  ownPorts(): readonly number[] {
    return this.#ownPorts();
  }

  interfaces() {
    return this.edge.interfaces();
  }
}
