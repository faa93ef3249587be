import { HelloNonces } from './box-nonces.ts';
import { namespaces, parseEnvelope, signSsh, sizeLimits } from './envelope/index.ts';
import { errors, orThrow, type ServiceError } from './errors.ts';
import type { BoxIdentity } from './identity/index.ts';
import { packageVersion } from './package-version.ts';
import type { Admission, Signer, VerifiedAuthentication } from './trust/index.ts';

/** What a stranger must not be able to tell apart. */
const aboutKeys: ReadonlySet<string> = new Set(['UNTRUSTED_KEY', 'REVOKED_KEY', 'BAD_SIGNATURE']);

/** How box and caller prove to each other who they are (PROTOCOL 4, 1 and 2). */
export class Handshake {
  readonly #identity: BoxIdentity;
  readonly #admission: Admission;
  readonly #about: object;
  readonly #sealKey: string;
  readonly #nonces = new HelloNonces();

  constructor(identity: BoxIdentity, admission: Admission, name: string, labels: Readonly<Record<string, string>>) {
    this.#identity = identity;
    this.#admission = admission;
    this.#sealKey = Buffer.from(identity.sealKeys.publicKey).toString('base64');
    this.#about = {
      id: identity.id,
      name,
      labels,
      version: packageVersion(),
      publicKey: identity.keys.publicKey.text,
      sealKey: this.#sealKey,
      ...(identity.successions.length > 0 && { successions: identity.successions }),
    };
  }

  hello(): object {
    const { signatures: _, ...limits } = sizeLimits;
    return { protocol: 'swarmlet.v1', box: this.#about, nonce: this.#nonces.make(), time: new Date().toISOString(), limits };
  }

  /** @throws ServiceError with the true reason; `toStranger` makes of it what the caller may know */
  authenticate(params: Readonly<Record<string, unknown>>): { identity: Signer; result: object; verified: VerifiedAuthentication } {
    const verified = orThrow(this.#admission.authenticate(parseEnvelope(params.envelope), this.#nonces));
    const { clientNonce, nonce } = verified.statement;
    const message = Buffer.from(`${clientNonce}\n${nonce}\n${this.#sealKey}`);
    const signature = signSsh(this.#identity.keys, namespaces.box, message).toString('base64');
    const [identity] = verified.signers;
    if (!identity) throw errors.INTERNAL(new Error('Verified without a signer'));
    return { identity, result: { principal: verified.principal, signature }, verified };
  }
}

/** One and the same error for all that has to do with keys: who asks is not told which keys this box knows. */
export function toStranger(error: ServiceError): ServiceError {
  return aboutKeys.has(error.code) ? errors.UNTRUSTED_KEY(error.subject.keyId ?? '') : error;
}
