import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

/** Called once, with the secured stream or with why there is none. */
export type SecureDone = (error: Error | null, secured?: TLSSocket) => void;

/**
 * TLS as a client, over a stream that is open or about to be.
 * @param host  whom the certificate must name
 */
export function secure(stream: Duplex, host: string, options: ConnectionOptions, done: SecureDone): void {
  const failed = (error: Error): void => {
    forget();
    stream.destroy();
    done(error);
  };
  const closed = (): void => failed(hungUp(`${host} closed the connection`));
  const forget = (): void => {
    stream.off('error', failed).off('close', closed);
    stream.on('error', () => {}); // from here on it is the secured stream's
  };
  stream.on('error', failed).on('close', closed);
  // Not before: the stream may take another handle while it tries the addresses of a name.
  stream.once('connect', () => {
    forget();
    const servername = isIP(host) ? {} : { servername: host };
    const secured = connect({ ...options, ...servername, host, socket: stream });
    const refused = (error: Error): void => {
      secured.off('close', gone).on('error', () => {}); // there may be more of them
      done(error);
    };
    const gone = (): void => refused(hungUp(`${host} closed the connection during the TLS handshake`));
    secured.once('error', refused).once('close', gone);
    secured.once('secureConnect', () => {
      secured.off('error', refused).off('close', gone);
      done(null, secured);
    });
  });
}

function hungUp(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
