import nacl from 'tweetnacl';

/** A key that this page may sign with: Ed25519, as OpenSSH has it. */
export interface SigningKey {
  /** 32 bytes (RFC 8032, 5.1.5). */
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly comment: string;
  /** `ssh-ed25519 BASE64`. */
  readonly line: string;
  /** `SHA256:` and the digest of the public key, as `ssh-keygen -l` prints it. */
  readonly id: string;
}

const magic = 'openssh-key-v1\0';
const type = 'ssh-ed25519';

export async function keyOf(seed: Uint8Array, comment: string): Promise<SigningKey> {
  const { publicKey } = nacl.sign.keyPair.fromSeed(seed);
  const blob = concat(sshString(type), sshString(publicKey));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', blob));
  return { seed, publicKey, comment, line: `${type} ${base64(blob)}`, id: `SHA256:${base64(digest).replace(/=+$/, '')}` };
}

export function newKey(): Promise<SigningKey> {
  return keyOf(crypto.getRandomValues(new Uint8Array(32)), 'page');
}

/**
 * The key in a file as `ssh-keygen -t ed25519` writes it without a passphrase (OpenSSH PROTOCOL.key).
 * @throws Error that says what is wrong and what to do
 */
export async function parseKey(text: string): Promise<SigningKey> {
  const body = /^-----BEGIN OPENSSH PRIVATE KEY-----\s+([\sA-Za-z0-9+/=]+)-----END OPENSSH PRIVATE KEY-----\s*$/.exec(text.trim())?.[1];
  if (body === undefined) {
    if (/^(?:ssh|sk)-/.test(text.trim())) throw new Error('This is the public half. Choose the file without .pub.');
    throw new Error('This is no private key of OpenSSH: it begins with -----BEGIN OPENSSH PRIVATE KEY-----.');
  }
  const reader = new Reader(fromBase64(body.replace(/\s+/g, '')));
  if (reader.text(magic.length) !== magic) throw new Error('This key has a format that is not known here.');
  const [cipher] = [reader.string(), reader.string(), reader.string()];
  if (ascii(cipher) !== 'none') {
    throw new Error('This key has a passphrase, which this page cannot undo. Make a key for the page, or copy the command and run it.');
  }
  if (reader.number() !== 1) throw new Error('Expected one key in the file.');
  reader.string();
  const secret = new Reader(reader.string());
  const check = secret.number();
  if (secret.number() !== check) throw new Error('This key is damaged.');
  if (ascii(secret.string()) !== type) throw new Error('Boxes take keys of type ed25519: make one with ssh-keygen -t ed25519.');
  const publicKey = secret.string();
  const seed = secret.string().slice(0, 32);
  const key = await keyOf(seed, new TextDecoder().decode(secret.string()));
  if (base64(key.publicKey) !== base64(publicKey)) throw new Error('This key is damaged: its two halves do not belong together.');
  return key;
}

/** The text of a file that OpenSSH reads. */
export function formatKey(key: SigningKey): string {
  const check = crypto.getRandomValues(new Uint8Array(4));
  const secret = [
    check,
    check,
    sshString(type),
    sshString(key.publicKey),
    sshString(concat(key.seed, key.publicKey)),
    sshString(key.comment),
  ];
  const length = secret.reduce((sum, part) => sum + part.length, 0);
  const padding = Uint8Array.from({ length: (8 - (length % 8)) % 8 }, (_, i) => i + 1);
  const outer = concat(sshString(type), sshString(key.publicKey));
  const parts = [bytes(magic), sshString('none'), sshString('none'), sshString(''), uint32(1), sshString(outer)];
  const text = base64(concat(...parts, sshString(concat(...secret, padding))));
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...(text.match(/.{1,70}/g) ?? []), '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** An SSHSIG blob (OpenSSH PROTOCOL.sshsig) of namespace `swarmlet`, in base64. */
export function signSsh(key: SigningKey, message: Uint8Array): string {
  const namespace = 'swarmlet';
  const rest = [sshString(namespace), sshString(''), sshString('sha512')];
  const signed = concat(bytes('SSHSIG'), ...rest, sshString(nacl.hash(message)));
  const signature = nacl.sign.detached(signed, nacl.sign.keyPair.fromSeed(key.seed).secretKey);
  const publicBlob = concat(sshString(type), sshString(key.publicKey));
  const blob = concat(bytes('SSHSIG'), uint32(1), sshString(publicBlob), ...rest, sshString(concat(sshString(type), sshString(signature))));
  return base64(blob);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new Error('This key is damaged: it ends too early.');
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  text(length: number): string {
    return ascii(this.#take(length));
  }

  number(): number {
    const taken = this.#take(4);
    return new DataView(taken.buffer, taken.byteOffset).getUint32(0);
  }

  string(): Uint8Array {
    return this.#take(this.number());
  }
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}

export function base64(data: Uint8Array): string {
  let text = '';
  for (const byte of data) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function ascii(data: Uint8Array): string {
  return String.fromCharCode(...data);
}

function uint32(value: number): Uint8Array {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setUint32(0, value);
  return data;
}

function sshString(value: string | Uint8Array): Uint8Array {
  const data = typeof value === 'string' ? bytes(value) : value;
  return concat(uint32(data.length), data);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
