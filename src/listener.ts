import type { Audit } from './audit/index.ts';
import { Certificate } from './certificate.ts';
import type { KeyId } from './envelope/index.ts';
import { isServiceError } from './errors.ts';
import { type Backend, Gateway, type Method, type Subscriptions } from './gateway/index.ts';
import { Handshake, toStranger } from './handshake.ts';
import type { BoxIdentity } from './identity/index.ts';
import type { ServiceOptions } from './service-options.ts';
import type { Transfers } from './transfers.ts';
import type { Admission } from './trust/index.ts';

/** What of a box stands behind its listener. */
export interface Behind {
  readonly identity: BoxIdentity;
  readonly admission: Admission;
  readonly audit: Audit;
  readonly subscriptions: Subscriptions;
  readonly transfers: Transfers;
  readonly methods: ReadonlyMap<string, Method>;
  warn(message: string): void;
  defect(error: unknown): void;
}

/** Where a box listens: the gateway, who its callers are, and the certificate. */
export class Listener {
  readonly #gateway: Gateway;
  readonly #certificate: Certificate | undefined;

  /** @throws BAD_FILE; Error of Node, with `code`, when it cannot listen there */
  static async open(listen: NonNullable<ServiceOptions['listen']>, options: ServiceOptions, behind: Behind): Promise<Listener> {
    let gateway: Gateway | undefined;
    const { tls } = options;
    const warn = (message: string): void => behind.warn(message);
    const certificate = tls ? new Certificate(tls, (pair) => gateway?.renew(pair), warn) : undefined;
    const settings = { ...options.gateway, ...listen, tls: certificate?.pair };
    try {
      gateway = await Gateway.open(settings, backendOf(options, behind), (peer) => behind.subscriptions.leave(peer));
      return new Listener(gateway, certificate);
    } catch (error) {
      certificate?.close();
      throw error;
    }
  }

  private constructor(gateway: Gateway, certificate: Certificate | undefined) {
    this.#gateway = gateway;
    this.#certificate = certificate;
  }

  get address(): Gateway['address'] {
    return this.#gateway.address;
  }

  get connections(): Gateway['connections'] {
    return this.#gateway.connections;
  }

  /** Unix milliseconds; undefined without TLS. */
  get certificateExpiry(): number | undefined {
    return this.#certificate?.expiry;
  }

  /** Ends the connections of these keys. */
  dismiss(keyIds: ReadonlySet<KeyId>, code: number, reason: string): void {
    for (const peer of this.#gateway.peers) if (keyIds.has(peer.signer.keyId)) peer.close(code, reason);
  }

  /** Reads the certificate again. */
  reload(): void {
    this.#certificate?.reload();
  }

  async close(): Promise<void> {
    this.#certificate?.close();
    await this.#gateway.close();
  }
}

function backendOf({ name, labels }: ServiceOptions, behind: Behind): Backend {
  const { identity, admission, audit, transfers, methods } = behind;
  const handshake = new Handshake(identity, admission, name, labels);
  return {
    methods,
    hello: () => handshake.hello(),
    authenticate: (params, address) => {
      try {
        const caller = handshake.authenticate(params);
        audit.authenticated(caller.verified, { address });
        return { identity: caller.identity, result: caller.result };
      } catch (error) {
        if (!isServiceError(error)) throw error;
        audit.refused(error, { address });
        throw toStranger(error);
      }
    },
    blob: (peer, bytes) => transfers.take(peer, bytes),
    countRefusal: (address, code) => audit.count(address, code),
    defect: (error) => behind.defect(error),
  };
}
