import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTimeOf } from './procfs.ts';

/**
 * Remembers, where the system does not end children with the box, which are running: an empty file for each, named by
 * pid and start time, so that the next start can end those of a box that was killed and no other process.
 */
export class Leftovers {
  readonly #folder: string;

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'isolates');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Ends what an earlier box left behind; tells how many there were. */
  end(): number {
    let ended = 0;
    for (const name of readdirSync(this.#folder)) {
      const [, pid, startTime] = /^(\d+)-(\d+)$/.exec(name) ?? [];
      if (pid === undefined) continue;
      if (startTimeOf(Number(pid)) === Number(startTime)) {
        process.kill(Number(pid), 'SIGKILL');
        ended++;
      }
      rmSync(join(this.#folder, name), { force: true });
    }
    return ended;
  }

  /** @returns what takes the note away, to be called when the process has ended */
  note(pid: number): () => void {
    const startTime = startTimeOf(pid);
    if (startTime === undefined) return () => {};
    const file = join(this.#folder, `${pid}-${startTime}`);
    writeFileSync(file, '');
    return () => rmSync(file, { force: true });
  }
}
