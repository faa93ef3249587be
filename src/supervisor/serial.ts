import { errors } from '../errors.ts';

/** Carries out tasks of one name one after the other, in the order they came; of different names side by side. */
export class SerialQueues {
  readonly #limit: number;
  readonly #queues = new Map<string, { last: Promise<void>; waiting: number }>();

  /** @param limit  tasks of one name, the one under way included */
  constructor(limit: number) {
    this.#limit = limit;
  }

  isIdle(name: string): boolean {
    return !this.#queues.has(name);
  }

  /** @throws BUSY when too many wait for this name */
  checkRoom(name: string): void {
    const { waiting } = this.#queues.get(name) ?? { waiting: 0 };
    if (waiting >= this.#limit) throw errors.BUSY(`still carrying out ${waiting} calls for ${name}`);
  }

  /** However many wait: whoever calls has asked `checkRoom`, or cannot be refused. */
  run<T>(name: string, task: () => T | Promise<T>): Promise<T> {
    const queue = this.#queues.get(name) ?? { last: Promise.resolve(), waiting: 0 };
    this.#queues.set(name, queue);
    queue.waiting++;
    const result = queue.last.then(task);
    const over = (): void => {
      queue.waiting--;
      if (queue.waiting === 0) this.#queues.delete(name);
    };
    queue.last = result.then(over, over);
    return result;
  }

  /** Resolves when nothing waits for any name. */
  async idle(): Promise<void> {
    while (this.#queues.size > 0) await Promise.all([...this.#queues.values()].map((queue) => queue.last));
  }
}
