import { createRequire } from 'node:module';

/** Bytes that wait for a slow terminal or pipe; lines beyond are lost. */
const MOST_WAITING = 4 * 2 ** 20;
/** A reader that takes nothing for so long is waited for no more. */
const PATIENCE_MS = 500;

/** Standard error, written in the background and in order: a slow reader must not hold up the box. */
export class StandardError {
  readonly #to: ReturnType<typeof import('pino').destination>;
  /** Bytes that were given and are not written. */
  #unwritten = 0;
  #lost = 0;

  /** @param lost  called when there is room again, with the number of lines that did not fit */
  constructor(lost: (lines: number) => void) {
    const pino = createRequire(import.meta.url)('pino') as typeof import('pino');
    this.#to = pino.destination({ dest: 2, sync: false, maxLength: MOST_WAITING });
    this.#to.on('write', (bytes) => {
      this.#unwritten -= bytes;
      if (this.#lost === 0 || this.#unwritten > MOST_WAITING / 2) return;
      const lines = this.#lost;
      this.#lost = 0;
      lost(lines);
    });
    this.#to.on('drop', (line) => {
      this.#unwritten -= Buffer.byteLength(line);
      this.#lost++;
    });
  }

  write(line: string): void {
    this.#unwritten += Buffer.byteLength(line);
    this.#to.write(line);
  }

  /**
   * Resolves when all is written that is going to be. To be waited for before `process.exit`, which writes what waits while an
   * earlier line may still be on its way (sonic-boom issue 101).
   */
  written(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(late);
        this.#to.off('write', look);
        resolve();
      };
      const look = (): void => {
        if (this.#unwritten === 0) done();
        else late.refresh();
      };
      const late = setTimeout(done, PATIENCE_MS);
      this.#to.on('write', look);
      look();
    });
  }
}
