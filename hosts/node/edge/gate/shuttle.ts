import type { Duplex, Readable, Writable } from 'node:stream';
import { failureOf } from '../failure.ts';
import { portionBytes, streamBytes, streamWindow } from '../wire.ts';
import { EdgeError, type Held, type Yard } from './yard.ts';

/** What a stream has for its last bytes: when the swarmlet closes it, and when the swarmlet has ended. */
const FAREWELL_MS = { closed: 10_000, ended: 1000 };

/** Carries one stream of the system to and fro: as much as the swarmlet takes, and as the other side takes. */
export class Shuttle implements Held {
  readonly #id: number;
  readonly #yard: Yard;
  readonly #reader: Readable;
  #writer: Writable | undefined;
  readonly #ears = {
    data: (piece: Buffer): void => this.#read(piece),
    end: (): void => {
      this.#touched = true;
      this.#yard.tell({ on: 'ended', id: this.#id });
    },
    error: (error: Error): void => {
      this.#error ??= error;
    },
    close: (): void => {
      if (--this.#open === 0) this.closed();
    },
  };
  readonly #streams: ReadonlySet<Readable | Writable>;
  /** Something went one way or the other. */
  #touched = false;
  #credit = streamWindow;
  /** Bytes from the swarmlet that were not granted anew, and those of them that have left. */
  #underWay = 0;
  #left = 0;
  #error: Error | undefined;
  #open: number;
  /** The swarmlet wrote its last byte; it wants it no more. */
  #ended = false;
  #unwanted = false;
  #farewell: NodeJS.Timeout | undefined;

  /** @param writer  undefined: it is for reading only */
  constructor(id: number, yard: Yard, reader: Readable | Duplex, writer: Writable | undefined) {
    this.#id = id;
    this.#yard = yard;
    this.#reader = reader;
    this.#writer = writer;
    this.#streams = new Set(writer ? [reader, writer] : [reader]);
    this.#open = this.#streams.size;
    reader.on('data', this.#ears.data).on('end', this.#ears.end);
    for (const stream of this.#streams) stream.on('error', this.#ears.error).on('close', this.#ears.close);
    this.flow();
  }

  /**
   * Lets go of the stream as it came, for somebody else: for the swarmlet it is closed.
   * @returns  false: too late, something of it was carried
   */
  release(): boolean {
    if (this.#touched || this.#unwanted || this.#open === 0) return false;
    const { data, end, error, close } = this.#ears;
    this.#reader.pause().off('data', data).off('end', end);
    for (const stream of this.#streams) stream.off('error', error).off('close', close);
    this.#open = 0;
    this.#writer = undefined; // what the swarmlet still sends goes nowhere
    this.closed();
    return true;
  }

  #read(piece: Buffer): void {
    if (this.#unwanted) return;
    this.#touched = true;
    this.#credit -= piece.length;
    this.#yard.bytes(streamBytes(this.#id, piece));
    this.flow();
  }

  flow(): void {
    if (this.#open === 0) return;
    if (this.#unwanted || (this.#credit > 0 && this.#yard.mayRead)) this.#reader.resume();
    else this.#reader.pause();
    this.#grant();
  }

  more(bytes: number): void {
    if (this.#credit + bytes > streamWindow) throw new EdgeError('more was taken than came');
    this.#credit += bytes;
    this.flow();
  }

  piece(data: Buffer): void {
    this.#underWay += data.length;
    if (this.#underWay > streamWindow || this.#ended) throw new EdgeError('more was written than was allowed');
    const left = (): void => {
      this.#left += data.length;
      this.#grant();
    };
    if (this.#writer?.writable) {
      this.#touched = true;
      this.#writer.write(data, left);
    } else left(); // the other side is gone: the end of it is on its way
  }

  #grant(): void {
    if (this.#left < portionBytes || !this.#yard.mayGrant || this.#open === 0) return;
    this.#yard.tell({ on: 'more', id: this.#id, bytes: this.#left });
    this.#underWay -= this.#left;
    this.#left = 0;
  }

  end(): void {
    this.#ended = true;
    this.#writer?.end();
  }

  close(): void {
    if (this.#unwanted) throw new EdgeError('closed twice');
    this.#unwanted = true;
    if (this.#open === 0) this.#yard.forget(this.#id);
    else this.#finish(this.#ended, FAREWELL_MS.closed);
  }

  giveUp(politely: boolean): void {
    if (this.#open === 0) return; // closed, or another one's
    this.#unwanted = true;
    this.#finish(politely, FAREWELL_MS.ended);
  }

  #finish(politely: boolean, ms: number): void {
    clearTimeout(this.#farewell);
    if (!politely || !this.#writer || this.#writer.destroyed || this.#writer.writableFinished) {
      this.#destroy();
      return;
    }
    this.#reader.resume(); // nobody reads it: else its end is never seen
    this.#writer.once('finish', () => this.#destroy());
    this.#writer.end();
    this.#farewell = setTimeout(() => this.#destroy(), ms);
    this.#farewell.unref();
  }

  #destroy(): void {
    clearTimeout(this.#farewell);
    this.#reader.destroy();
    this.#writer?.destroy();
  }

  /** All of it is closed. */
  protected closed(): void {
    clearTimeout(this.#farewell);
    if (this.#unwanted) this.#yard.forget(this.#id);
    else this.#yard.tell({ on: 'closed', id: this.#id, ...(this.#error && { error: failureOf(this.#error) }) });
  }
}
