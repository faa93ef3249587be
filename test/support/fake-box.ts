import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { CodedError } from '../../hosts/common/index.ts';
import {
  decodeBase64,
  digestOf,
  generateKeyPair,
  type KeyPair,
  namespaces,
  pae,
  parseEnvelope,
  parsePublicKey,
  parseSshSignature,
  parseStatement,
  type Statement,
  signSsh,
  sizeLimits,
  verifySsh,
} from '../../src/envelope/index.ts';

export type FakeMethod = (params: Record<string, unknown>, socket: WebSocket) => unknown;

const usedPorts = new Set<number>();

/** A box as far as a client sees it: it greets, authenticates, and answers as a test says. */
export class FakeBox {
  readonly keys: KeyPair;
  readonly port: number;
  readonly #server: WebSocketServer;
  readonly #nonces = new Set<string>();
  /** Statements that came in signed envelopes, in order, `authenticate` included. */
  readonly statements: Statement[] = [];
  readonly digests: string[] = [];
  /** Connections that were ever made. */
  connections = 0;
  name = 'fake';
  labels: Record<string, string> = {};
  /** What `hello` says instead of the truth. */
  helloOverrides: Record<string, unknown> = {};
  /** What the answer's signature is over instead of what the protocol says. */
  proofOverride: string | undefined;
  /** By name of the call; a CodedError that is thrown is the box's error. */
  readonly methods = new Map<string, FakeMethod>();

  private constructor(server: WebSocketServer, keys: KeyPair) {
    this.#server = server;
    this.keys = keys;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#greet(socket));
  }

  /** @param port  0: one that no box had before, or the client would remember that box there, and take this one for a false one */
  static async open(keys = generateKeyPair(), port = 0): Promise<FakeBox> {
    const server = new WebSocketServer({ host: '127.0.0.1', port, path: '/v1', handleProtocols: () => 'swarmlet.v1' });
    await new Promise((resolve) => server.once('listening', resolve));
    const box = new FakeBox(server, keys);
    if (port !== 0 || !usedPorts.has(box.port)) {
      usedPorts.add(box.port);
      return box;
    }
    const another = await FakeBox.open(keys);
    await box.close();
    return another;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/v1`;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get id(): string {
    return this.keys.publicKey.id;
  }

  /** Sends a notification to everybody. */
  notify(method: string, params: object): void {
    for (const socket of this.#server.clients) socket.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #greet(socket: WebSocket): void {
    this.connections++;
    const nonce = randomBytes(16).toString('base64');
    const sealKey = Buffer.alloc(32, 7).toString('base64');
    this.#nonces.add(nonce);
    const { frameBytes, statementBytes, blobBytes, swarmletBytes, files } = sizeLimits;
    const hello = {
      protocol: 'swarmlet.v1',
      box: { id: this.id, name: this.name, labels: this.labels, version: '9.8.7', publicKey: this.keys.publicKey.text, sealKey },
      nonce,
      time: new Date().toISOString(),
      limits: { frameBytes, statementBytes, blobBytes, swarmletBytes, files },
      ...this.helloOverrides,
    };
    socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'hello', params: hello }));
    socket.on('message', async (data) => {
      const { id, method, params } = JSON.parse(String(data));
      const answer = await this.#answer(method, params, socket, sealKey).then(
        (result) => ({ result }),
        (error) => ({ error: { code: -32000, message: error.message, data: { code: error.code ?? 'INTERNAL', detail: error.detail } } }),
      );
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    });
  }

  async #answer(method: string, params: Record<string, unknown>, socket: WebSocket, sealKey: string): Promise<unknown> {
    const statement = params.envelope === undefined ? undefined : this.#opened(params.envelope);
    const scripted = this.methods.get(method);
    if (scripted) return scripted(params, socket);
    if (method === 'subscribe') return {};
    if (method === 'status') throw new CodedError('NOT_FOUND', 'There is no swarmlet of that name');
    if (statement?.action !== 'authenticate') throw new CodedError('UNSUPPORTED', `This box does not implement ${method}`);
    if (!this.#nonces.delete(statement.nonce)) throw new CodedError('REPLAYED', 'The nonce was used before');
    const message = this.proofOverride ?? `${statement.clientNonce}\n${statement.nonce}\n${sealKey}`;
    return { principal: 'alice@lab', signature: signSsh(this.keys, namespaces.box, Buffer.from(message)).toString('base64') };
  }

  /** Checks the signature as a box does, so that a client that signs wrongly fails here. */
  #opened(value: unknown): Statement {
    const envelope = parseEnvelope(value);
    for (const { signature } of envelope.signatures) {
      const parsed = parseSshSignature(signature);
      const type = parsed.publicKeyBlob.toString('latin1', 4, 4 + parsed.publicKeyBlob.readUInt32BE(0));
      const key = parsePublicKey(type, parsed.publicKeyBlob.toString('base64'));
      const good = verifySsh(parsed, key, namespaces.statement, pae(envelope.payloadType, envelope.payload), { requirePresence: true });
      if (!good) throw new CodedError('BAD_SIGNATURE', 'The signature is not good');
    }
    const statement = parseStatement(envelope.payload);
    decodeBase64(statement.nonce, 'nonce');
    this.statements.push(statement);
    this.digests.push(digestOf(envelope.payload));
    return statement;
  }
}
