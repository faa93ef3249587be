import { type KeyId, type KeyPair, type PublicKey, signSsh } from '../envelope/index.ts';

/** Somebody, or a box, who signs. */
export interface Signer {
  readonly keyId: KeyId;
  readonly publicKey: PublicKey;
  /** The SSHSIG blob over `message`; may take as long as a person needs to touch a key or to type a passphrase. */
  sign(namespace: string, message: Uint8Array): Promise<Buffer>;
}

/** Signs with a key that is in this process: a box's own. */
export function keyPairSigner(pair: KeyPair): Signer {
  return {
    keyId: pair.publicKey.id,
    publicKey: pair.publicKey,
    sign: async (namespace, message) => signSsh(pair, namespace, Buffer.from(message)),
  };
}
