import { z } from 'zod';
import { decodeBase64 } from './base64.ts';
import { type KeyId, type PublicKey, parsePublicKey } from './keys.ts';
import type { KeyPair } from './private-key.ts';
import { namespaces, parseSshSignature, signSsh, verifySsh } from './ssh-signature.ts';

/** A key of a box says which one follows it; public. Keys are `ssh-ed25519 BASE64`. */
export const successionShape = z.looseObject({
  from: z.string(),
  to: z.string(),
  /** RFC 3339, UTC. */
  at: z.string(),
  /** By `from`: SSHSIG blob, base64, of the namespace of boxes. */
  signature: z.string(),
});
export type Succession = z.infer<typeof successionShape>;

/** More of them are not looked at. */
const longest = 32;

/** Begins with what no nonce can, so that it is never taken for what a box signs for a caller. */
function messageOf({ from, to, at }: Omit<Succession, 'signature'>): Buffer {
  return Buffer.from(`swarmlet box succession\n${from}\n${to}\n${at}`);
}

export function signSuccession(keys: KeyPair, to: PublicKey, at: string): Succession {
  const said = { from: keys.publicKey.text, to: to.text, at };
  return { ...said, signature: signSsh(keys, namespaces.box, messageOf(said)).toString('base64') };
}

/**
 * Whether a chain of them, oldest first, leads from a key to another, each signed by the one before.
 * @param chain  not yet believed
 */
export function leadsTo(chain: readonly Succession[], from: KeyId, to: KeyId): boolean {
  let reached: KeyId = from;
  for (const one of chain.slice(-longest)) {
    try {
      const key = keyOf(one.from);
      if (key.id !== reached) continue;
      const signature = parseSshSignature(decodeBase64(one.signature, 'signature'));
      if (verifySsh(signature, key, namespaces.box, messageOf(one), { requirePresence: false })) reached = keyOf(one.to).id;
    } catch {
      // Malformed: it leads nowhere.
    }
  }
  return reached === to;
}

/** @throws MALFORMED */
export function keyOf(text: string): PublicKey {
  const [type = '', base64 = ''] = text.split(' ');
  return parsePublicKey(type, base64);
}
