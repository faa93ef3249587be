import {
  type Action,
  type AuthenticateStatement,
  type Change,
  digestOf,
  type Envelope,
  greatestSequence,
  type KeyId,
  namespaces,
  pae,
  parseSshSignature,
  parseStatement,
  type SshSignature,
  type Statement,
  timeMs,
  verifySsh,
} from '../envelope/index.ts';
import { errors, isServiceError, type ServiceError, type Subject } from '../errors.ts';
import type { TrustedKey } from './allowed-signers.ts';
import type { BoxNonces, OrderBook } from './order-book.ts';
import type { Policy, PolicyRule } from './policy.ts';
import type { TrustList } from './trust-list.ts';
import { keysBehind, type Signer, type VerifiedStatement } from './verified.ts';

export interface AdmissionOptions {
  readonly boxId: KeyId;
  /** Ids that the box had before: what waits in a queue is addressed to one of them. */
  readonly formerIds?: readonly KeyId[];
  readonly labels: Readonly<Record<string, string>>;
  readonly trust: Pick<TrustList, 'get' | 'isRevoked'>;
  readonly order: OrderBook;
  readonly policy: Policy;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** By how much the clocks of signer and box may differ. */
export const clockSkewMs = 5 * 60_000;

const changes = ['deploy', 'undeploy', 'restart', 'rollback', 'input'] as const satisfies readonly Action[];

/** A signature whose key is trusted, not yet checked. */
interface Claim {
  readonly keyId: KeyId;
  readonly trusted: TrustedKey;
  readonly blob: Buffer;
}

/** What came of an envelope: it is believed, or the error says why not. */
export type Verdict<S extends Statement = Change> = VerifiedStatement<S> | ServiceError;

/**
 * Decides whether the box believes an envelope, in the order of PROTOCOL.md section 2: strangers cost no arithmetic, and no byte of
 * a payload is looked at before its signature is. All of it is synchronous: between the check of a sequence and its reservation by the caller
 * nothing else can run. An error carries its subject for the audit; what a caller that has not authenticated may learn is the gateway's business.
 */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * @param actions  those that the call takes; the rest is MALFORMED
   * @returns REVOKED_KEY, UNTRUSTED_KEY, BAD_SIGNATURE, MALFORMED, TOO_LARGE, WRONG_AUDIENCE, NOT_YET_VALID, EXPIRED, REPLAYED,
   *   CONFLICT, STALE_SEQUENCE, FORBIDDEN, THRESHOLD_NOT_MET, LIMIT_TOO_HIGH, QUOTA_EXCEEDED
   */
  admit(envelope: Envelope, actions: readonly Change['action'][] = changes): Verdict {
    return this.#believe<Change>(envelope, actions, (statement, signers) => {
      const restoredAt = this.#options.order.restoredAt();
      if (timeMs(statement.issuedAt) < restoredAt) throw errors.EXPIRED(statement.expires, this.#options.now(), restoredAt);
      const used = this.#options.order.seenNonce(statement.nonce);
      if (used) throw errors.REPLAYED({ digest: used.digest, sequence: used.sequence, state: used.state });
      this.#checkOrder(statement);
      this.#checkQuota(statement, signers, this.#options.policy.check(statement, signers));
    });
  }

  #checkQuota({ action, swarmlet }: Change, [first]: readonly Signer[], { quota }: PolicyRule): void {
    if (quota === undefined || !first || (action !== 'deploy' && action !== 'rollback')) return;
    if (this.#options.order.othersOf(first.keyId, swarmlet) >= quota) throw errors.QUOTA_EXCEEDED(`swarmlets of ${first.keyId}`, quota);
  }

  /**
   * The handshake of a client: a statement `authenticate` over a nonce of this box, which is used up.
   * @returns as `admit`; REPLAYED for a nonce that is not, or no longer, one of this box
   */
  authenticate(envelope: Envelope, nonces: BoxNonces): Verdict<AuthenticateStatement> {
    return this.#believe<AuthenticateStatement>(envelope, ['authenticate'], (statement) => {
      if (!nonces.take(statement.nonce)) throw errors.REPLAYED(null);
    });
  }

  /**
   * To be asked again at the moment of start: whether revocation and policy still let it. A key that merely left the list does not matter.
   * @returns the rule that allows it, whose limits bound it
   * @throws REVOKED_KEY, FORBIDDEN, THRESHOLD_NOT_MET, LIMIT_TOO_HIGH
   */
  recheck({ statement, signers, digest }: Pick<VerifiedStatement, 'statement' | 'signers' | 'digest'>): PolicyRule {
    try {
      const revoked = keysBehind(signers).find((keyId) => this.#options.trust.isRevoked(keyId));
      if (revoked) throw errors.REVOKED_KEY(revoked);
      return this.#options.policy.check(statement, signers);
    } catch (error) {
      if (!isServiceError(error)) throw error;
      const [first] = signers;
      throw error.about({ ...subjectOf(statement, digest), ...(first ? { keyId: first.keyId, principal: first.principal } : {}) });
    }
  }

  #believe<S extends Statement>(
    envelope: Envelope,
    actions: readonly S['action'][],
    check: (statement: S, signers: readonly Signer[]) => void,
  ): Verdict<S> {
    const { payload } = envelope;
    const receivedAt = Math.max(this.#options.now(), this.#options.order.latestTime());
    let subject: Subject = envelope.signatures[0] ? { keyId: envelope.signatures[0].keyId } : {};
    try {
      const signers = this.#signersOf(envelope, receivedAt);
      if (isServiceError(signers)) return signers.about(subject);
      const [first] = signers;
      if (!first) throw errors.MALFORMED('envelope.signatures', 'expected at least one');
      const { keyId, principal } = first;
      const digest = digestOf(payload);
      subject = { keyId, principal, digest };
      const statement = parseStatement(payload);
      subject = { ...subject, ...subjectOf(statement, digest) };
      if (!isOneOf(statement, actions)) {
        throw errors.MALFORMED('action', `this call takes ${actions.join(', ')}, got ${statement.action}`);
      }
      this.#checkAudience(statement);
      checkTimes(statement, receivedAt);
      check(statement, signers);
      // The one place where the brand is given.
      return Object.freeze({ statement, digest, signers, principal, keyId, payload, envelope, receivedAt }) as VerifiedStatement<S>;
    } catch (error) {
      if (isServiceError(error)) return error.about(subject);
      throw error;
    }
  }

  /** Returns what it refuses for, as all of a flood ends here: V8 compiles no function that is always left by a throw. */
  #signersOf(envelope: Envelope, nowMs: number): readonly Signer[] | ServiceError {
    const claims: Claim[] = [];
    for (const { keyId, signature } of envelope.signatures) {
      if (this.#options.trust.isRevoked(keyId)) return errors.REVOKED_KEY(keyId);
      const trusted = this.#options.trust.get(keyId, nowMs);
      if (!trusted) return errors.UNTRUSTED_KEY(keyId);
      claims.push({ keyId, trusted, blob: signature });
    }
    const parsed = claims.map((claim) => ({ claim, signature: signatureOf(claim) }));
    const message = pae(envelope.payloadType, envelope.payload);
    const signers = new Map<KeyId, Signer>();
    for (const { claim, signature } of parsed) {
      const { keyId, trusted } = claim;
      if (!verifySsh(signature, trusted.key, namespaces.statement, message, { requirePresence: trusted.touchRequired })) {
        return errors.BAD_SIGNATURE(keyId, faultOf(signature, trusted));
      }
      const { principal, principals, behalf } = trusted;
      signers.set(keyId, Object.freeze({ keyId, principal, principals, ...(behalf && { behalf }) }));
    }
    return Object.freeze([...signers.values()]);
  }

  #checkAudience({ audience }: Statement): void {
    const { boxId, formerIds = [], labels } = this.#options;
    const isHere = audience.some((target) => {
      if (typeof target === 'string') return target === '*' || target === boxId || formerIds.some((id) => id === target);
      return Object.entries(target.labels).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
    });
    if (!isHere) throw errors.WRONG_AUDIENCE(boxId);
  }

  #checkOrder(statement: Change): void {
    if (statement.action === 'input') return; // its nonce guards it
    const { swarmlet, sequence } = statement;
    const last = this.#options.order.lastSequence(swarmlet);
    if (statement.action === 'deploy' && statement.replaces !== undefined) {
      const { digest = null, version = null, principal = null } = last ?? {};
      if (statement.replaces !== digest) throw errors.CONFLICT(swarmlet, statement.replaces, { digest, version, principal });
    }
    const isLastWord = statement.action === 'undeploy' && sequence === greatestSequence; // or what has it could not be taken off
    if (last && sequence <= last.sequence && !isLastWord) throw errors.STALE_SEQUENCE(swarmlet, sequence, last.sequence);
  }
}

function signatureOf({ keyId, trusted, blob }: Claim): SshSignature {
  let signature: SshSignature;
  try {
    signature = parseSshSignature(blob);
  } catch (error) {
    // Not MALFORMED: a stranger could tell a trusted key from another by the difference.
    if (isServiceError(error)) throw errors.BAD_SIGNATURE(keyId, error.message, error);
    throw error;
  }
  if (!signature.publicKeyBlob.equals(trusted.key.blob)) throw errors.BAD_SIGNATURE(keyId, 'it was made with another key');
  if (signature.namespace !== namespaces.statement) {
    throw errors.BAD_SIGNATURE(keyId, `it is for namespace ${JSON.stringify(signature.namespace)}, expected ${namespaces.statement}`);
  }
  return signature;
}

function faultOf({ token }: SshSignature, { touchRequired }: TrustedKey): string {
  if (token && touchRequired && (token.flags & 1) === 0) return 'nobody touched the token; its line in the trust list asks for that';
  return 'it does not fit the payload';
}

function checkTimes({ issuedAt, expires }: Statement, nowMs: number): void {
  if (timeMs(issuedAt) > nowMs + clockSkewMs) throw errors.NOT_YET_VALID(issuedAt, nowMs);
  if (timeMs(expires) < nowMs - clockSkewMs) throw errors.EXPIRED(expires, nowMs);
}

function isOneOf<S extends Statement>(statement: Statement, actions: readonly S['action'][]): statement is S {
  return (actions as readonly Action[]).includes(statement.action);
}

function subjectOf(statement: Statement, digest: string): Subject {
  const { action } = statement;
  if (action === 'authenticate') return { action, digest };
  return { action, digest, swarmlet: statement.swarmlet, ...(action === 'deploy' ? { version: statement.version } : {}) };
}
