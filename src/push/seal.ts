import nacl from 'tweetnacl';

/**
 * A value that only one box can read: 32-byte ephemeral key, 24-byte nonce, NaCl box of the value's JSON, as base64.
 * @param sealKey  of the box, 32 bytes, proved to be its own
 */
export function sealFor(sealKey: Uint8Array, value: unknown): string {
  const ephemeral = nacl.box.keyPair();
  const nonce = nacl.randomBytes(nacl.box.nonceLength);
  const sealed = nacl.box(Buffer.from(JSON.stringify(value)), nonce, sealKey, ephemeral.secretKey);
  return Buffer.concat([ephemeral.publicKey, nonce, sealed]).toString('base64');
}
