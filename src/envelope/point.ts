const p = 2n ** 255n - 19n;
/** A y of order 8, a root of d y^4 + 2 y^2 = 1; the other is its negative, and 0, 1 and -1 have the smaller orders. */
const y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const smallOrder: ReadonlySet<bigint> = new Set([0n, 1n, p - 1n, y8, p - y8]);

/**
 * What is wrong with 32 bytes as an Ed25519 public key, or undefined. Under a key of small order, signatures exist that fit
 * any message; a y that is not below the field's prime is a second encoding of some key (RFC 8032 section 5.1.3).
 */
export function weaknessOf(publicKey: Buffer): string | undefined {
  const y = BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`) & (2n ** 255n - 1n); // the top bit is the sign of x
  if (y >= p) return 'the key is not encoded canonically';
  if (smallOrder.has(y)) return 'the key has a small order: anyone could sign with it';
  return undefined;
}
