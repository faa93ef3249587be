import type { Bonjour, Service, ServiceConfig } from 'bonjour-service';

/** Multicast DNS on one interface: the system sends to one network only unless it is told to. */
export class Link {
  readonly #bonjour: Bonjour;
  #browser: ReturnType<Bonjour['find']> | undefined;
  #failed = false;

  /**
   * @param address       IPv4 of the interface; undefined: whatever there is
   * @param announcement  undefined: nothing is announced
   * @param failed        called when it does not work any more
   */
  constructor(
    library: typeof Bonjour,
    address: string | undefined,
    announcement: ServiceConfig | undefined,
    failed: (error: Error) => void,
  ) {
    const fail = (error: Error): void => {
      this.#failed = true;
      failed(error);
    };
    const options = address === undefined ? {} : { interface: address, bind: '0.0.0.0' }; // those of the socket, which its types leave out
    this.#bonjour = new library(options as ConstructorParameters<typeof Bonjour>[0], fail);
    // The library does not listen for errors of its socket, such as that the port is taken.
    const { mdns } = (this.#bonjour as unknown as { readonly server: { readonly mdns: NodeJS.EventEmitter } }).server;
    mdns.on('error', fail);
    if (announcement) this.#bonjour.publish(announcement);
  }

  /**
   * Asks who is there, and listens until it asks again.
   * @param found  a service that answers, or changes
   * @param gone   its full name, when it says good-bye
   */
  ask(type: string, found: (service: Service) => void, gone: (name: string) => void): void {
    this.#browser?.stop(); // a new one forgets: what does not answer any more is not there
    const browser = this.#bonjour.find({ type });
    browser.on('up', found);
    browser.on('txt-update', found);
    browser.on('srv-update', found);
    browser.on('down', ({ fqdn }: Service) => gone(fqdn));
    this.#browser = browser;
  }

  /** Says good-bye for what was announced. */
  async close(): Promise<void> {
    this.#browser?.stop();
    if (!this.#failed) await new Promise<void>((resolve) => this.#bonjour.unpublishAll(() => resolve()));
    await new Promise<void>((resolve) => this.#bonjour.destroy(() => resolve()));
  }
}
