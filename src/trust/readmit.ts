import {
  type Change,
  digestOf,
  type Envelope,
  namespaces,
  pae,
  parsePublicKey,
  parseSshSignature,
  parseStatement,
  verifySsh,
} from '../envelope/index.ts';
import { errors } from '../errors.ts';
import type { Signer, VerifiedStatement } from './verified.ts';

/** A statement that a box admitted once, as it kept it. */
export interface Admitted {
  readonly envelope: Envelope;
  readonly signers: readonly Signer[];
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

/**
 * Believes again what was admitted before (PROTOCOL 3.2): the signatures have to fit the bytes, by the keys that were believed
 * then. Times, nonce, sequence and trust list were judged at `receivedAt`; whether a key was revoked since is asked at the start.
 * @throws BAD_SIGNATURE, MALFORMED
 */
export function readmit({ envelope, signers, receivedAt }: Admitted): VerifiedStatement {
  const { payload, payloadType, signatures } = envelope;
  const message = pae(payloadType, payload);
  for (const { keyId } of signers) {
    const found = signatures.find((signature) => signature.keyId === keyId);
    if (!found) throw errors.BAD_SIGNATURE(keyId, 'it is missing');
    const signature = parseSshSignature(found.signature);
    const blob = signature.publicKeyBlob;
    const key = parsePublicKey(blob.toString('utf8', 4, 4 + blob.readUInt32BE(0)), blob.toString('base64'));
    const good = key.id === keyId && signature.namespace === namespaces.statement;
    // Whether somebody touched the token was judged then.
    if (!good || !verifySsh(signature, key, namespaces.statement, message, { requirePresence: false })) {
      throw errors.BAD_SIGNATURE(keyId, 'it does not fit what is stored');
    }
  }
  const [first] = signers;
  if (!first) throw errors.MALFORMED('signers', 'expected at least one');
  const statement = parseStatement(payload);
  if (statement.action === 'authenticate') throw errors.MALFORMED('action', 'expected a change');
  const { keyId, principal } = first;
  const digest = digestOf(payload);
  const given = { statement, digest, signers, principal, keyId, payload, envelope, receivedAt };
  return Object.freeze(given) as Omit<VerifiedStatement<Change>, never> as VerifiedStatement;
}
