import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '../../hosts/common/index.ts';
import { type PublicKey, parseArmored, parseSshSignature } from '../envelope/index.ts';
import { clientErrors } from './errors.ts';
import { readKeyFile } from './openssh-key.ts';
import { type RunOptions, run } from './run.ts';
import type { Signer } from './signer.ts';

/** Where a person's key is: in a file (private, or public with the private half in the agent), or in the agent alone. */
export type Identity =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'agent'; readonly publicKey: PublicKey; readonly comment: string };

export interface Asking {
  readonly env: NodeJS.ProcessEnv;
  /** True if ssh-keygen can ask the person for a passphrase or a touch on the terminal. */
  readonly canAsk: boolean;
  readonly onSaid?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Signs with the person's own ssh-keygen, which asks for the passphrase or the touch by itself: no private key is read here.
 * @throws CodedError NO_KEY_FILE, KEY_UNUSABLE; `sign` KEY_LOCKED, SIGNING_FAILED, NO_SSH_KEYGEN
 */
export function sshKeygenSigner(identity: Identity, asking: Asking): Signer {
  const shown = identity.kind === 'file' ? identity.file : `the agent's key ${identity.comment || identity.publicKey.id}`;
  const key = identity.kind === 'file' ? readKeyFile(identity.file) : { publicKey: identity.publicKey, passphrase: false };
  const { publicKey } = key;
  const sign = async (folder: string, namespace: string, message: Uint8Array): Promise<Buffer> => {
    const keyFile = identity.kind === 'file' ? identity.file : await put(folder, 'key.pub', `${publicKey.text}\n`);
    if (key.passphrase && !asking.canAsk && !(await agentHas(publicKey, asking))) throw clientErrors.KEY_LOCKED(keyFile);
    // Not on standard input: that is the terminal on which it may ask for the passphrase.
    const file = await put(folder, 'message', message);
    const { status, said } = await keygen(['-q', '-Y', 'sign', '-n', namespace, '-f', keyFile, file], runOptions(asking));
    if (status !== 0) {
      if (!asking.canAsk && /passphrase/i.test(said)) throw clientErrors.KEY_LOCKED(keyFile); // a public file beside a locked private one
      throw clientErrors.SIGNING_FAILED(shown, lastLine(said) || `it ended with ${status}`);
    }
    return checked(unarmoured(await readFile(`${file}.sig`, 'latin1'), shown), publicKey, shown);
  };
  let turn: Promise<unknown> = Promise.resolve(); // one question to the person at a time
  return {
    keyId: publicKey.id,
    publicKey,
    sign: (namespace, message) => {
      const signing = turn.then(() => inPrivateFolder((folder) => sign(folder, namespace, message)));
      turn = signing.catch(() => {}); // whoever asked for it gets the error
      return signing;
    },
  };
}

async function keygen(args: readonly string[], options: RunOptions): ReturnType<typeof run> {
  try {
    return await run('ssh-keygen', args, options);
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw clientErrors.NO_SSH_KEYGEN(errorText(error));
  }
}

function runOptions({ env, canAsk, onSaid, signal }: Asking): RunOptions {
  const { SSH_ASKPASS: _, ...rest } = env;
  return {
    env: canAsk ? env : { ...rest, SSH_ASKPASS_REQUIRE: 'never' },
    terminal: canAsk,
    ...(canAsk && onSaid && { onSaid }),
    signal,
  };
}

/** ssh-keygen takes message and key as files. */
async function inPrivateFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'accessors-key-')); // mode 0700
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function put(folder: string, name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content, { mode: 0o600 });
  return file;
}

function unarmoured(armour: string, shown: string): Buffer {
  try {
    return parseArmored(armour);
  } catch (error) {
    throw clientErrors.SIGNING_FAILED(shown, `what it printed is no signature: ${errorText(error)}`);
  }
}

/** A forwarded or mixed-up agent could sign with another key than was asked for. */
function checked(blob: Buffer, publicKey: PublicKey, shown: string): Buffer {
  if (!parseSshSignature(blob).publicKeyBlob.equals(publicKey.blob)) throw clientErrors.SIGNING_FAILED(shown, 'it signed with another key');
  return blob;
}

function lastLine(text: string): string {
  return (
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .at(-1) ?? ''
  );
}

// --------------------------------------------------------------------------------------------- the agent

/** The lines of `ssh-add -L`; none when there is no agent, or nothing in it. */
export async function agentKeys({ env, signal }: Asking): Promise<readonly string[]> {
  if (!env.SSH_AUTH_SOCK) return [];
  try {
    const { status, out } = await run('ssh-add', ['-L'], { env, terminal: false, signal });
    return status === 0
      ? out
          .toString('utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  } catch {
    if (signal?.aborted) throw signal.reason;
    return []; // no ssh-add, so no agent that could be used
  }
}

async function agentHas(publicKey: PublicKey, asking: Asking): Promise<boolean> {
  return (await agentKeys(asking)).some((line) => line.startsWith(publicKey.text));
}
