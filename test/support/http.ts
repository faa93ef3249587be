import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A web server on a free port of the loopback interface, and what it was asked for. */
export interface HttpPeer {
  readonly port: number;
  readonly url: string;
  readonly calls: Call[];
  close(): void;
}

/** @param answer  returns what is sent as JSON, or answers by itself and returns undefined */
export async function httpPeer(answer: (call: Call, response: ServerResponse) => unknown): Promise<HttpPeer> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part));
    request.on('end', () => {
      const { method = '', headers } = request;
      const call = { method, url: new URL(request.url ?? '/', 'http://localhost'), headers, body };
      calls.push(call);
      const value = answer(call, response);
      if (value !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    calls,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
