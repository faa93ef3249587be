import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Backend } from './backend.ts';
import { Connection } from './connection.ts';
import { Lobby } from './lobby.ts';
import { type GatewayOptions, gatewayDefaults } from './options.ts';
import { Pace } from './pace.ts';
import type { Peer } from './peer.ts';

const PATH = '/v1';
/** Of one request. Browsers and clients send a dozen. */
const MOST_HEADERS = 100;
export const subprotocol = 'swarmlet.v1';

/** The deployment listener: bytes from the network become calls to the service, within bounds (PROTOCOL 4). */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #backend: Backend;
  readonly #left: (peer: Peer) => void;
  readonly #server: Server | SecureServer;
  readonly #webSockets: WebSocketServer;
  readonly #lobby: Lobby;
  readonly #pace: Pace;
  readonly #connections = new Set<Connection>();
  readonly #peers = new Set<Peer>();
  /** Below each connection with TLS: the one that entered the lobby. */
  readonly #below = new WeakMap<Socket, Socket>();

  /**
   * Resolves when it listens.
   * @param left  called when the connection of an authenticated caller is gone
   * @throws Error of Node, with `code`, when it cannot listen there
   */
  static async open(options: Partial<GatewayOptions>, backend: Backend, left: (peer: Peer) => void): Promise<Gateway> {
    const gateway = new Gateway({ ...gatewayDefaults, ...options }, backend, left);
    await gateway.#listen();
    return gateway;
  }

  private constructor(options: GatewayOptions, backend: Backend, left: (peer: Peer) => void) {
    this.#options = options;
    this.#backend = backend;
    this.#left = left;
    this.#lobby = new Lobby(options.strangersOfAddress, options.strangers);
    this.#pace = new Pace(options.paceMs);
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.frameBytes,
      autoPong: false,
      handleProtocols: () => subprotocol,
    });
    // Node's own limits on the time of a request ask for a look each second; here each connection has a timer until it is upgraded.
    const settings = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };
    const { tls, handshakeMs } = options;
    this.#server = tls ? createSecureServer({ ...settings, ...tls, handshakeTimeout: handshakeMs }) : createServer(settings);
    this.#server.maxHeadersCount = MOST_HEADERS;
    this.#server.on('connection', (socket) => this.#connected(socket));
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('request', (request, response) => refuseRequest(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
  }

  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** How many callers are authenticated, and how many are not yet. */
  get connections(): { readonly callers: number; readonly strangers: number } {
    return { callers: this.#peers.size, strangers: this.#lobby.size };
  }

  /** Authenticated callers. */
  get peers(): Iterable<Peer> {
    return this.#peers;
  }

  /** For connections from now on. */
  renew(tls: { readonly cert: string; readonly key: string }): void {
    (this.#server as SecureServer).setSecureContext(tls);
  }

  /** Stops listening and closes every connection. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close(1001, 'the box is stopping', 250);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#backend.defect(error)); // no descriptor left for a connection: the next may succeed
        resolve();
      });
    });
  }

  #connected(socket: Socket): void {
    this.#lobby.enter(socket, addressOf(socket));
    const timer = setTimeout(() => socket.destroy(), this.#options.handshakeMs);
    socket.once('upgraded', () => clearTimeout(timer));
    socket.once('close', () => {
      clearTimeout(timer);
      this.#lobby.leave(socket);
    });
    socket.on('error', () => {}); // a caller that hangs up; `close` follows
  }

  /** Node does not say on which connection this one is: it is the one with the same caller. */
  #secured(socket: Socket): void {
    const below = this.#lobby.find((other) => other.remotePort === socket.remotePort && other.remoteAddress === socket.remoteAddress);
    if (below) this.#below.set(socket, below);
    socket.on('error', () => {}); // as below
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const refusal = this.#refusalOf(request);
    if (refusal) {
      const upgrade = refusal === '426 Upgrade Required' ? `Upgrade: websocket\r\nSec-WebSocket-Protocol: ${subprotocol}\r\n` : '';
      socket.end(`HTTP/1.1 ${refusal}\r\n${upgrade}Connection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (ws) => {
      const entered = this.#below.get(socket) ?? socket;
      entered.emit('upgraded');
      const address = addressOf(socket);
      const connection = new Connection(ws, socket, address, this.#backend, this.#options, this.#pace, {
        authenticated: (peer) => this.#authenticated(peer, entered),
        closed: (peer) => {
          this.#connections.delete(connection);
          if (peer && this.#peers.delete(peer)) this.#left(peer);
        },
      });
      this.#connections.add(connection);
    });
  }

  #authenticated(peer: Peer, socket: Socket): boolean {
    if (this.#peers.size >= this.#options.peers) return false;
    this.#lobby.leave(socket);
    this.#peers.add(peer);
    return true;
  }

  #refusalOf(request: IncomingMessage): string | undefined {
    // Node leaves out what is beyond, silently.
    if (request.rawHeaders.length >= 2 * MOST_HEADERS) return '431 Request Header Fields Too Large';
    if (!isOurPath(request.url)) return '404 Not Found';
    const { origin } = request.headers;
    if (origin !== undefined && !this.#options.origins.includes(origin)) return '403 Forbidden';
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const isWebSocket = request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
    return isWebSocket && offered.includes(subprotocol) ? undefined : '426 Upgrade Required';
  }
}

function isOurPath(url: string | undefined): boolean {
  return url === PATH || (url?.startsWith(`${PATH}?`) ?? false);
}

function refuseRequest(request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  if (!isOurPath(request.url)) response.writeHead(404).end();
  else response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade, close', 'Sec-WebSocket-Protocol': subprotocol }).end();
}

function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}
