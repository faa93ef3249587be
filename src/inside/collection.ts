import { sizeLimits } from '../envelope/index.ts';
import { errors } from '../errors.ts';

/** What the pushes of one swarmlet may hold in the memory of the box together, in characters. */
export class Room {
  #left: number = sizeLimits.swarmletBytes;

  /** False: there is not so much. */
  take(characters: number): boolean {
    if (characters > this.#left) return false;
    this.#left -= characters;
    return true;
  }

  give(characters: number): void {
    this.#left += characters;
  }
}

/** The files of one push, which come in pieces. */
export class Collection {
  readonly #room: Room;
  readonly #files = new Map<string, string[]>();
  #held = 0;
  #isWhole = true;

  constructor(room: Room) {
    this.#room = room;
  }

  /** @param piece  comes behind what is there of that file */
  add(name: string, piece: string): void {
    const pieces = this.#files.get(name) ?? [];
    const isOneTooMany = pieces.length === 0 && this.#files.size >= sizeLimits.files;
    this.#isWhole &&= !isOneTooMany && this.#room.take(piece.length);
    if (!this.#isWhole) return;
    this.#held += piece.length;
    pieces.push(piece);
    this.#files.set(name, pieces);
  }

  /**
   * Name -> text.
   * @throws QUOTA_EXCEEDED
   */
  get files(): ReadonlyMap<string, string> {
    const { files, swarmletBytes } = sizeLimits;
    const what = `bytes, in ${files} files at most, of what a swarmlet pushes at a time`;
    if (!this.#isWhole) throw errors.QUOTA_EXCEEDED(what, swarmletBytes);
    return new Map([...this.#files].map(([name, pieces]) => [name, pieces.join('')]));
  }

  /** It needs its room no more. */
  close(): void {
    this.#files.clear();
    this.#room.give(this.#held);
    this.#held = 0;
  }
}
