/** Something of the host that a swarmlet may talk to beside its ports, as far as it was granted. */
export interface HostService {
  /**
   * Called when the swarmlet first says something.
   * @param tell  says something to the swarmlet, as JSON carries it
   */
  open(tell: (message: unknown) => void): ServiceSession;
}

/** One swarmlet that talks to a service. */
export interface ServiceSession {
  /**
   * What the swarmlet says: any JSON, nothing in it is trusted.
   * @returns  false: the runtime never says that, so the isolate is not what it was
   */
  take(message: unknown): boolean;
  /** The swarmlet has ended. */
  close(): void;
}

/** The services of one swarmlet. */
export class ServiceDesk {
  readonly #offered: ReadonlyMap<string, HostService>;
  readonly #tell: (name: string, message: unknown) => void;
  readonly #sessions = new Map<string, ServiceSession>();
  #closed = false;

  constructor(offered: ReadonlyMap<string, HostService>, tell: (name: string, message: unknown) => void) {
    this.#offered = offered;
    this.#tell = tell;
  }

  /** False: it was not granted a service of that name, or said what it never says. */
  take(name: string, message: unknown): boolean {
    const service = this.#offered.get(name);
    if (!service) return false;
    let session = this.#sessions.get(name);
    if (!session) {
      session = service.open((answer) => {
        if (!this.#closed) this.#tell(name, answer);
      });
      this.#sessions.set(name, session);
    }
    return session.take(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const session of this.#sessions.values()) session.close();
  }
}
