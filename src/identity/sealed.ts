import nacl from 'tweetnacl';
import { decodeBase64, type KeyId, parseJson } from '../envelope/index.ts';
import { errors } from '../errors.ts';
import type { BoxIdentity } from './box-identity.ts';

const { publicKeyLength, nonceLength } = nacl.box;

/**
 * The values that were sealed for this box.
 * @param sealed  as in a statement: name -> box id -> base64
 * @throws MALFORMED that names the parameter, never anything of its value
 */
export function openSealed(
  identity: Pick<BoxIdentity, 'ids' | 'sealSecretOf'>,
  sealed: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Record<string, unknown> {
  const values = Object.entries(sealed).map(([name, boxes]): [string, unknown] => {
    const field = `sealed[${JSON.stringify(name)}]`;
    // A version that was accepted before the box had its present key was sealed to one that it had.
    const id = identity.ids.find((one) => boxes[one] !== undefined) ?? identity.ids[0];
    const bytes = decodeBase64(boxes[id as KeyId], field);
    const [key, rest] = [bytes.subarray(0, publicKeyLength), bytes.subarray(publicKeyLength)];
    const secret = identity.sealSecretOf(id as KeyId) as Uint8Array;
    const plain = nacl.box.open(rest.subarray(nonceLength), rest.subarray(0, nonceLength), key, secret);
    if (!plain) throw errors.MALFORMED(field, 'this box cannot open it; seal it to the key that its hello shows');
    return [name, jsonOf(plain, field)];
  });
  return Object.fromEntries(values);
}

function jsonOf(plain: Uint8Array, field: string): unknown {
  try {
    return parseJson(plain, field);
  } catch {
    throw errors.MALFORMED(field, 'what is sealed is no JSON'); // without the cause, which may quote the value
  }
}
