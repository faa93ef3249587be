import { hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import nacl from 'tweetnacl';
import { errorText } from '../../hosts/common/index.ts';
import { formatPrivateKey, generateKeyPair, type KeyId, type KeyPair, parsePrivateKey, seedOf } from '../envelope/index.ts';
import { errors, isServiceError } from '../errors.ts';

const fileName = 'box_ed25519';

/** Who a box is: the key that it signs with, and the one that values are sealed to. */
export class BoxIdentity {
  readonly keys: KeyPair;
  /** The fingerprint of its key. */
  readonly id: KeyId;
  /** X25519, 32 bytes each. Derived from the signing key: one file to keep, and what is sealed now can be opened after a restart. */
  readonly sealKeys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };

  private constructor(keys: KeyPair) {
    this.keys = keys;
    this.id = keys.publicKey.id;
    const secret = hkdfSync('sha256', seedOf(keys), '', 'swarmlet.v1 seal key', nacl.box.secretKeyLength);
    this.sealKeys = nacl.box.keyPair.fromSecretKey(new Uint8Array(secret));
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
      return new BoxIdentity(read(file));
    } catch (error) {
      if (isServiceError(error) && error.code === 'BAD_FILE') throw error;
      throw errors.BAD_FILE(file, errorText(error), error);
    }
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
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { mode, uid } = fstatSync(descriptor);
    const user = process.geteuid?.();
    if (user !== undefined && uid !== user) throw errors.BAD_FILE(file, `belongs to user ${uid}, expected ${user}, who runs this`);
    if (user !== undefined && (mode & 0o077) !== 0) throw errors.BAD_FILE(file, `is open to other users; run: chmod 600 ${file}`);
    return parsePrivateKey(readFileSync(descriptor, 'utf8'));
  } finally {
    closeSync(descriptor);
  }
}
