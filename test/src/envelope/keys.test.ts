import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint, isKeyId, keyIdOf, parsePublicKey } from '../../../src/envelope/index.ts';
import { code, sshKeygen } from '../../support/envelopes.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh, sshKey } from '../../support/keys.ts';

const it = suite('public keys');
const openSsh = hasOpenSsh ? it : it.skip;
if (!hasOpenSsh) console.log('skipped: what ssh-keygen makes: it is not installed');
const folder = folderWith();
it.after(() => folder.remove());

const p = 2n ** 255n - 19n;
const field = (bytes: Buffer | string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(bytes));
  return Buffer.concat([length, Buffer.from(bytes)]);
};
/** 32 bytes, least significant first. */
const encoded = (y: bigint, sign = 0n) => Buffer.from((y | (sign << 255n)).toString(16).padStart(64, '0'), 'hex').reverse();
const line = (point: Buffer) => Buffer.concat([field('ssh-ed25519'), field(point)]).toString('base64');
/** The base point, which is a good key as far as its encoding goes. */
const good = encoded((4n * modInverse(5n)) % p);

function modInverse(x: bigint): bigint {
  let [result, base] = [1n, x];
  for (let exponent = p - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % p;
    base = (base * base) % p;
  }
  return result;
}

openSsh('has the id that ssh-keygen -lf prints', () => {
  const file = sshKey(folder.path, 'fingerprint');
  const [type = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  const key = parsePublicKey(type, base64);
  assert.is(key.id, sshKeygen(['-lf', file]).split(' ')[1]);
  assert.is(key.text, `${type} ${base64}`);
  assert.is(key.application, undefined);
});

openSsh('gives the id of a key of another type, which it does not take for signatures', () => {
  const file = sshKey(folder.path, 'rsa', '', 'rsa');
  const [type = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  assert.is(keyIdOf(type, base64), sshKeygen(['-lf', file]).split(' ')[1]);
  assert.throws(() => parsePublicKey(type, base64), code('MALFORMED', 'type "ssh-rsa"'));
});

it('reads the key of a FIDO token with what it signs for', () => {
  const blob = Buffer.concat([field('sk-ssh-ed25519@openssh.com'), field(good), field('ssh:')]);
  const key = parsePublicKey('sk-ssh-ed25519@openssh.com', blob.toString('base64'));
  assert.is(key.application, 'ssh:');
  assert.is(key.id, fingerprint(blob));
});

// The y of the points of order 8, as in the table of libsodium and of Chalkias et al.
const y8 = Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex');
const y8Negated = Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex');
const withSign = (point: Buffer) => Buffer.concat([point.subarray(0, 31), Buffer.from([(point[31] ?? 0) | 0x80])]);
for (const [name, point] of Object.entries({
  identity: encoded(1n),
  'identity with the sign of zero': encoded(1n, 1n),
  'order 2': encoded(p - 1n),
  'order 2 with the sign of zero': encoded(p - 1n, 1n),
  'order 4': encoded(0n),
  'order 4, the other': encoded(0n, 1n),
  'order 8': y8,
  'order 8, the second': withSign(y8),
  'order 8, the third': y8Negated,
  'order 8, the fourth': withSign(y8Negated),
})) {
  it(`refuses a key of small order: ${name}`, () => {
    assert.throws(() => parsePublicKey('ssh-ed25519', line(point)), code('MALFORMED', 'small order'));
  });
}

for (const y of [p, p + 1n, p + 3n, p + 18n]) {
  for (const sign of [0n, 1n]) {
    it(`refuses the encoding of y = p + ${y - p}, sign ${sign}`, () => {
      assert.throws(() => parsePublicKey('ssh-ed25519', line(encoded(y, sign))), code('MALFORMED', 'canonically'));
    });
  }
}

it('takes the base point, and the largest y that is no small order', () => {
  assert.ok(parsePublicKey('ssh-ed25519', line(good)));
  assert.ok(parsePublicKey('ssh-ed25519', line(encoded(p - 2n))));
});

for (const [name, blob] of Object.entries({
  'a type inside that differs from the one outside': Buffer.concat([field('ssh-rsa'), field(good)]),
  'a key of 31 bytes': Buffer.concat([field('ssh-ed25519'), field(good.subarray(1))]),
  'a key of 33 bytes': Buffer.concat([field('ssh-ed25519'), field(Buffer.concat([good, good.subarray(31)]))]),
  'bytes after the key': Buffer.concat([field('ssh-ed25519'), field(good), Buffer.from([0])]),
  'a blob that is cut short': Buffer.concat([field('ssh-ed25519'), field(good)]).subarray(0, 40),
  'a length beyond the blob': Buffer.concat([field('ssh-ed25519'), Buffer.from('ffffffff', 'hex'), good]),
  nothing: Buffer.alloc(0),
})) {
  it(`refuses ${name}`, () => {
    assert.throws(() => parsePublicKey('ssh-ed25519', blob.toString('base64')), code('MALFORMED', 'public key'));
  });
}

it('tells an id from other texts', () => {
  assert.ok(isKeyId(`SHA256:${'A'.repeat(43)}`));
  for (const text of [
    `SHA256:${'A'.repeat(42)}B`,
    `SHA256:${'A'.repeat(42)}`,
    `sha256:${'A'.repeat(43)}`,
    `MD5:${'A'.repeat(43)}`,
    '',
    5,
  ]) {
    assert.not(isKeyId(text));
  }
});

it.run();
