import type { EdgeScope } from '../edge/index.ts';
import { type ClientOptions, SocketClient } from './socket/client.ts';
import { type ServerOptions, SocketServer } from './socket/server.ts';
import { receiveTypes, sendTypes } from './socket/types.ts';

export function create(edge: EdgeScope): unknown {
  return {
    SocketClient: class extends SocketClient {
      constructor(port?: number | null, host?: string | null, options?: Partial<ClientOptions>) {
        super(edge, port, host, options);
      }
    },
    SocketServer: class extends SocketServer {
      constructor(options?: Partial<ServerOptions>) {
        super(edge, options);
      }
    },
    supportedReceiveTypes: () => [...receiveTypes],
    supportedSendTypes: () => [...sendTypes],
  };
}
