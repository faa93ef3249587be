import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AdminOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Undefined while the box is well and takes deployments; else why it does not. */
  readonly unready: () => string | undefined;
}

/** Health of the box over HTTP, for those on this machine: `/-/healthy` and `/-/ready`. */
export class AdminServer {
  readonly #server: Server;
  readonly #options: AdminOptions;

  /** @throws Error of Node, with `code`, when it cannot listen there */
  static async open(options: AdminOptions): Promise<AdminServer> {
    const admin = new AdminServer(options);
    await new Promise<void>((resolve, reject) => {
      admin.#server.once('error', reject);
      admin.#server.listen(options.port, options.host, resolve);
    });
    return admin;
  }

  private constructor(options: AdminOptions) {
    this.#options = options;
    this.#server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = 64;
  }

  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  get url(): string {
    const { host, port } = this.address;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    const [status, text] = this.#page(request);
    response.writeHead(status).end(`${text}\n`);
  }

  #page(request: IncomingMessage): readonly [number, string] {
    if (!this.#isOurName(request.headers.host)) return [421, 'Ask by the address of this server'];
    if (request.method !== 'GET' && request.method !== 'HEAD') return [405, 'Only GET'];
    switch (request.url) {
      case '/-/healthy':
        return [200, 'healthy'];
      case '/-/ready': {
        const why = this.#options.unready();
        return why === undefined ? [200, 'ready'] : [503, why];
      }
      default:
        return [404, 'There is /-/healthy and /-/ready'];
    }
  }

  /** A page elsewhere can make a name of its own mean this machine; then the browser sends that name. */
  #isOurName(host: string | undefined): boolean {
    const { port } = this.address;
    const names = ['127.0.0.1', '[::1]', 'localhost', this.#options.host, `[${this.#options.host}]`];
    return names.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
  }
}
