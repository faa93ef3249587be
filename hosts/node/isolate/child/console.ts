import { Console } from 'node:console';
import { Writable } from 'node:stream';

/**
 * Where the swarmlet's console writes: standard output and error, so many bytes a second. What goes beyond is dropped
 * and counted. The host limits the pipes as well; this one is kinder, since it loses whole writes and blocks nobody.
 */
export class LimitedOutput {
  readonly stdout = this.#stream(1);
  readonly stderr = this.#stream(2);
  /** Writes that were dropped. */
  dropped = 0;
  readonly #runtime: string;
  readonly #write: (descriptor: 1 | 2, chunk: Buffer) => void;
  #bytesPerSecond = 65_536;
  #available = 65_536;
  #at = performance.now();

  /** @param runtime  path of the script that runs, as stacks name it */
  constructor(runtime: string, write: (descriptor: 1 | 2, chunk: Buffer) => void) {
    this.#runtime = runtime;
    this.#write = write;
  }

  start(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#available = bytesPerSecond;
  }

  console(): Console {
    return new Console({ stdout: this.stdout, stderr: this.stderr });
  }

  #stream(descriptor: 1 | 2): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        const text = descriptor === 2 ? this.#withoutOurFrames(chunk) : chunk;
        if (this.#admits(text.length)) this.#write(descriptor, text);
        else this.dropped++;
        done();
      },
    });
  }

  /** A stack tells of the swarmlet; the calls of the runtime and of Node below it help nobody. */
  #withoutOurFrames(chunk: Buffer): Buffer {
    if (!chunk.includes(this.#runtime)) return chunk;
    const ours = (line: string): boolean => /^\s+at /.test(line) && (line.includes(this.#runtime) || /[( ]node:/.test(line));
    const lines = chunk.toString().split('\n');
    return Buffer.from(lines.filter((line) => !ours(line)).join('\n'));
  }

  #admits(bytes: number): boolean {
    const now = performance.now();
    this.#available = Math.min(this.#bytesPerSecond, this.#available + ((now - this.#at) * this.#bytesPerSecond) / 1000);
    this.#at = now;
    if (bytes > this.#available) return false;
    this.#available -= bytes;
    return true;
  }
}
