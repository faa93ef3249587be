import { hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import nacl from 'tweetnacl';
import { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import {
  formatPrivateKey,
  generateKeyPair,
  type KeyId,
  type KeyPair,
  keyOf,
  parseJson,
  parsePrivateKey,
  type Succession,
  seedOf,
  signSuccession,
  successionShape,
} from '../envelope/index.ts';
import { errors, isServiceError } from '../errors.ts';

const fileName = 'box_ed25519';

/** A key that the box had: lines of `box_ed25519.before`, oldest first. Of what was secret only the seal key is kept. */
interface Former {
  readonly succession: Succession;
  /** X25519, base64. */
  readonly sealKey: string;
}
const formerShape = z.strictObject({ succession: successionShape, sealKey: z.base64() });

/** Who a box is: the key that it signs with, and the one that values are sealed to. */
export class BoxIdentity {
  readonly keys: KeyPair;
  /** The fingerprint of its key. */
  readonly id: KeyId;
  /** X25519, 32 bytes each. Derived from the signing key: one file to keep, and what is sealed now can be opened after a restart. */
  readonly sealKeys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  /** Each key that it had says which one follows, oldest first. */
  readonly successions: readonly Succession[];
  /** The ids that it had, each with the key that values were sealed to then. */
  readonly #former: ReadonlyMap<KeyId, Uint8Array>;

  private constructor(keys: KeyPair, former: readonly Former[] = []) {
    this.keys = keys;
    this.id = keys.publicKey.id;
    this.sealKeys = nacl.box.keyPair.fromSecretKey(sealSecret(keys));
    this.successions = former.map(({ succession }) => succession);
    this.#former = new Map(former.map(({ succession, sealKey }) => [keyOf(succession.from).id, Buffer.from(sealKey, 'base64')]));
  }

  /** Its id, and those that it had. */
  get ids(): readonly KeyId[] {
    return [this.id, ...this.#former.keys()];
  }

  /** The secret key for what was sealed to the box by one of its ids. */
  sealSecretOf(id: KeyId): Uint8Array | undefined {
    return id === this.id ? this.sealKeys.secretKey : this.#former.get(id);
  }

  /**
   * The identity kept in `stateDir`, made there on the first start.
   * @param stateDir  '' for an identity that ends with the process
   * @throws BAD_FILE for a key file that others may read, that is not ours, that is a link, or that holds no key
   */
  static open(stateDir: string): BoxIdentity {
    if (stateDir === '') return new BoxIdentity(generateKeyPair());
    const file = join(stateDir, fileName);
    try {
      mkdirSync(stateDir, { recursive: true, mode: 0o700 });
      const found = lstatSync(file, { throwIfNoEntry: false });
      if (found?.isSymbolicLink()) throw errors.BAD_FILE(file, 'is a link; put the key itself there');
      if (!found) {
        create(file);
        // For the operators of peers: "accessors trust add" takes this file.
        writeFileSync(`${file}.pub`, `${read(file).publicKey.text} swarmlet box\n`, { mode: 0o644 });
      }
      const keys = read(file);
      return new BoxIdentity(keys, formerOf(stateDir, keys));
    } catch (error) {
      if (isServiceError(error) && error.code === 'BAD_FILE') throw error;
      throw errors.BAD_FILE(file, errorText(error), error);
    }
  }

  /**
   * Gives the box a new key, which the present one signs; its box must not be running. The old one is erased, but for what opens what was sealed.
   * Where it is interrupted, the box has the one or the other.
   * @throws BAD_FILE
   */
  static rotate(stateDir: string): BoxIdentity {
    const file = join(stateDir, fileName);
    const { keys } = BoxIdentity.open(stateDir);
    const next = generateKeyPair();
    const succession = signSuccession(keys, next.publicKey, new Date().toISOString());
    const all = [...formerOf(stateDir, keys), { succession, sealKey: Buffer.from(sealSecret(keys)).toString('base64') }];
    try {
      // First what the old key said: until the new one is there, a last line that leads to another key counts for nothing.
      replace(`${file}.before`, all.map((former) => `${JSON.stringify(former)}\n`).join(''), 0o600);
      replace(file, formatPrivateKey(next, 'swarmlet box'), 0o600);
      replace(`${file}.pub`, `${next.publicKey.text} swarmlet box\n`, 0o644);
      replace(`${file}.succession`, all.map((former) => `${JSON.stringify(former.succession)}\n`).join(''), 0o644);
    } catch (error) {
      throw errors.BAD_FILE(file, errorText(error), error);
    }
    return BoxIdentity.open(stateDir);
  }
}

function sealSecret(keys: KeyPair): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', seedOf(keys), '', 'swarmlet.v1 seal key', nacl.box.secretKeyLength));
}

/** @throws BAD_FILE */
function formerOf(stateDir: string, keys: KeyPair): Former[] {
  const file = join(stateDir, `${fileName}.before`);
  if (!existsSync(file)) return [];
  try {
    const lines = readOwn(file)
      .split('\n')
      .filter((line) => line !== '');
    const all = lines.map((line) => formerShape.parse(parseJson(line, 'line')));
    return all.at(-1)?.succession.to === keys.publicKey.text ? all : all.slice(0, -1); // a rotation that was interrupted
  } catch (error) {
    if (isServiceError(error) && error.code === 'BAD_FILE') throw error;
    throw errors.BAD_FILE(file, errorText(error), error);
  }
}

function replace(file: string, text: string, mode: number): void {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  writeFileSync(draft, text, { mode, flag: 'wx', flush: true });
  renameSync(draft, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Puts a new key at `file`, whole or not at all; one that another process put there meanwhile stays. */
function create(file: string): void {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, formatPrivateKey(generateKeyPair(), 'swarmlet box'));
    fsyncSync(descriptor);
    linkSync(draft, file); // unlike rename it never replaces a key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(descriptor);
    unlinkSync(draft);
  }
}

function read(file: string): KeyPair {
  return parsePrivateKey(readOwn(file));
}

/** The text of a file that nobody else may read. */
function readOwn(file: string): string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { mode, uid } = fstatSync(descriptor);
    const user = process.geteuid?.();
    if (user !== undefined && uid !== user) throw errors.BAD_FILE(file, `belongs to user ${uid}, expected ${user}, who runs this`);
    if (user !== undefined && (mode & 0o077) !== 0) throw errors.BAD_FILE(file, `is open to other users; run: chmod 600 ${file}`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
