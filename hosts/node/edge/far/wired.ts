import type { EdgeEvent, EdgeRequest, Wire } from '../wire.ts';

/** Something that is open at the other end of the wire. */
export interface Wired {
  event(event: EdgeEvent): void;
}

/** Where what is open is known by its number. */
export interface Registry {
  readonly wire: Wire<EdgeRequest>;
  add(id: number, wired: Wired): void;
  /** Nothing of that number comes any more. */
  forget(id: number): void;
}
