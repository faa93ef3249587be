import { readFileSync } from 'node:fs';
import { decodeBase64, namespaces, parseJson, parsePublicKey, parseSshSignature, verifySsh } from '../envelope/index.ts';
import { errors } from '../errors.ts';
import { headMessage, type SignedHead } from '../store/index.ts';

/**
 * The head that a box vouched for, and the box.
 * @param file  `audit.head`
 * @param key   the box's public key, `TYPE BASE64 ...`
 * @throws BAD_FILE if it is not the signature of that box
 */
export function readSignedHead(file: string, key: string): SignedHead & { readonly box: string } {
  const head = parseJson(readFileSync(file), file) as SignedHead;
  const [type = '', base64 = ''] = key.trim().split(/\s+/);
  const publicKey = parsePublicKey(type, base64);
  const signature = parseSshSignature(decodeBase64(head.signature, 'signature'));
  const good = signature.publicKeyBlob.equals(publicKey.blob) && signature.namespace === namespaces.box;
  if (!good || !verifySsh(signature, publicKey, namespaces.box, headMessage(head), { requirePresence: false })) {
    throw errors.BAD_FILE(file, `was not signed by the box ${publicKey.id}`);
  }
  return { ...head, box: publicKey.id };
}
