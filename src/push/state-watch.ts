import { CodedError } from '../../hosts/common/index.ts';
import type { BoxConnection } from '../client/index.ts';

/** The state of one version, as it was last told. */
export interface VersionState {
  readonly state: string;
  readonly reason: string | undefined;
}

/** Follows the states of one version of a swarmlet. */
export class StateWatch {
  readonly #connection: BoxConnection;
  #last: VersionState | undefined;
  #changed = (): void => {};

  private constructor(connection: BoxConnection) {
    this.#connection = connection;
  }

  /** @param digest  of a version that need not have been sent yet */
  static async open(connection: BoxConnection, swarmlet: string, digest: string): Promise<StateWatch> {
    const watch = new StateWatch(connection);
    connection.on('state', (change) => {
      if (change.swarmlet === swarmlet && change.digest === digest) watch.#set(change.to, change.reason);
    });
    connection.on('closed', () => watch.#changed());
    await connection.subscribe(swarmlet, { states: true });
    const now = await statusIfAny(connection, swarmlet);
    if (now?.digest === digest && !watch.#last) watch.#set(now.state, now.reason);
    return watch;
  }

  #set(state: string, reason: string | null | undefined): void {
    this.#last = { state, reason: reason ?? undefined };
    this.#changed();
  }

  /** As it was told last. */
  get last(): VersionState | undefined {
    return this.#last;
  }

  /** The first state from now on, the present one included, for which `holds`. */
  async until(holds: (state: VersionState) => boolean, signal?: AbortSignal): Promise<VersionState> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#last && holds(this.#last)) return this.#last;
      if (this.#connection.ended) throw this.#connection.ended;
      await this.#change(signal);
    }
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** The status of a swarmlet that the box may not have. */
export async function statusIfAny(connection: BoxConnection, swarmlet: string) {
  try {
    return await connection.status(swarmlet);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
