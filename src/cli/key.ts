import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CodedError, errorText } from '../../hosts/common/index.ts';
import { type Asking, chooseIdentity, clientErrors, defaultKeyFile, type Identity, type KeyFile, readKeyFile } from '../client/index.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';
import { canAsk, type Io } from './io.ts';
import { whoIsHere } from './session.ts';
import { jsonLine, plain } from './text.ts';

export const keyNew: Action = async (args, io) => {
  const file = resolve(args.words[0] ?? defaultKeyFile(io.env));
  if (existsSync(file)) throw new CodedError('EXISTS', `${file} is there already: use it (accessors key show), or name another file`);
  const asks = !args.flag('no-passphrase');
  if (asks && !canAsk(io)) throw new CodedError('NO_TERMINAL', 'There is no terminal to ask for a passphrase: add --no-passphrase');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  await keygen(['-q', '-t', 'ed25519', '-C', args.text('comment') ?? whoIsHere(), '-f', file, ...(asks ? [] : ['-N', ''])], io);
  return show({ kind: 'file', file }, args.flag('json'), io);
};

export const keyShow: Action = async (args, io) => {
  const asking: Asking = { env: io.env, canAsk: false, signal: io.signal };
  return show(await chooseIdentity(args.text('identity'), asking), args.flag('json'), io);
};

/** ssh-keygen asks for the passphrase on our terminal. */
function keygen(args: readonly string[], io: Io): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn('ssh-keygen', args, { stdio: 'inherit', env: io.env, signal: io.signal });
    child.on('error', (error) => reject(io.signal.aborted ? io.signal.reason : clientErrors.NO_SSH_KEYGEN(errorText(error))));
    child.on('close', (status) =>
      status === 0 ? done() : reject(new CodedError('FAILED', `ssh-keygen made no key (it ended with ${status})`)),
    );
  });
}

function show(identity: Identity, json: boolean, io: Io): typeof exit.done {
  const { publicKey, comment } = identity.kind === 'file' ? withComment(identity.file) : identity;
  const where = identity.kind === 'file' ? identity.file : 'the agent';
  const line = [publicKey.text, comment].filter((part) => part !== '').join(' ');
  if (json) {
    io.print(jsonLine({ id: publicKey.id, type: publicKey.type, publicKey: line, from: where }));
    return exit.done;
  }
  io.print(plain(line));
  io.tell(`Key ${publicKey.id} from ${plain(where)}. On the box: accessors trust add '${plain(line)}'`);
  return exit.done;
}

/** A private key file keeps its comment out of sight; the public one beside it shows it. */
function withComment(file: string): Pick<KeyFile, 'publicKey' | 'comment'> {
  const key = readKeyFile(file);
  const beside = `${file}.pub`;
  if (key.publicOnly || !existsSync(beside)) return key;
  const other = readKeyFile(beside);
  return other.publicKey.id === key.publicKey.id ? other : key;
}
