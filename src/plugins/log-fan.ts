import { errorText } from '../../hosts/common/index.ts';
import type { LogRecord } from './plugin.ts';
import { RecordQueue } from './record-queue.ts';

/** Gives every line of a log to those who want it; nobody waits for them. */
export class LogFan {
  readonly #queues = new Map<string, RecordQueue>();

  /** The records for one, from now on. */
  queue(key: string): RecordQueue {
    const queue = this.#queues.get(key) ?? new RecordQueue();
    this.#queues.set(key, queue);
    return queue;
  }

  drop(key: string): void {
    this.#queues.delete(key);
  }

  /** @param line  JSON, as the log writes it */
  write(line: string): void {
    if (this.#queues.size === 0) return;
    const record = recordOf(line);
    for (const queue of this.#queues.values()) queue.push(record);
  }
}

function recordOf(line: string): LogRecord {
  try {
    return JSON.parse(line) as LogRecord;
  } catch (error) {
    return { level: 'error', event: 'unreadable', message: errorText(error) };
  }
}
