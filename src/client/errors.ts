import { CodedError } from '../../hosts/common/index.ts';

const table = {
  BOX_NOT_REACHED: (url: string, why: string) =>
    `No box answers at ${url} (${why}): is one running there? Start one with 'accessors box', or name another with --to.`,
  BOX_CHANGED: (address: string, place: string, known: string, shown: string) =>
    `The box at ${address} is not the one it was: ${place} has ${known}, it shows ${shown}. If its key was changed on purpose: accessors boxes forget ${address}`,
  WRONG_BOX: (address: string, wanted: string, who: string, shown: string) =>
    `The box at ${address} is ${shown}, not ${wanted} as ${who} says. Nothing was sent to it.`,
  BOX_UNPROVEN: (address: string, why: string) => `The box at ${address} did not prove who it is: ${why}. Nothing was sent to it.`,
  CONNECTION_LOST: (address: string, why: string) =>
    `The connection to the box at ${address} was lost (${why}). Look at what it did: accessors ps --to ws://${address}/v1`,
  TIMED_OUT: (what: string, ms: number) => `${what} did not end within ${ms / 1000} s.`,
  TOO_LARGE: (what: string, size: number, limit: number) => `${what} has ${size} bytes, the box takes at most ${limit}.`,
  MISSING_BLOB: (digest: string) => `The box asks for ${digest}, which is none of the files of this push.`,
  FILES_NOT_KEPT: (address: string) => `The box at ${address} asks for files again that it was sent: it has no room to keep them.`,
  BOX_UNCONFIRMED: (address: string, id: string) =>
    `The box at ${address} is new, and a secret is sealed only to a box that you are sure of: compare ${id} with what 'accessors box' shows there, then add --box-id ${id}`,
  TOO_MANY_FILES: (what: string, count: number, limit: number) => `${what} has ${count} files, the box takes at most ${limit}.`,
  BAD_KNOWN_BOXES: (place: string, problem: string) => `${place}: ${problem}. Each line is: HOST:PORT ssh-ed25519 BASE64`,

  NO_KEY: (tried: string) =>
    `No Ed25519 key to sign with (looked in ${tried}). Make one with 'accessors key new', or name one with --identity FILE.`,
  NO_KEY_FILE: (file: string, why: string) =>
    `Cannot read the key ${file}: ${why}. Make one with 'accessors key new', or name another with --identity FILE.`,
  KEY_UNUSABLE: (file: string, problem: string) =>
    `${file} ${problem}. Boxes take ssh-ed25519 and sk-ssh-ed25519@openssh.com keys in OpenSSH format: accessors key new`,
  KEY_LOCKED: (file: string) =>
    `The key ${file} has a passphrase and there is no terminal to ask for it. Give it to the agent first: ssh-add ${file.replace(/\.pub$/, '')}`,
  SIGNING_FAILED: (key: string, why: string) => `ssh-keygen did not sign with ${key}: ${why}`,
  NO_SSH_KEYGEN: (why: string) => `Cannot run ssh-keygen (${why}). Install OpenSSH 8.2 or newer.`,
};
type Table = typeof table;

/** What can go wrong on the client's side; what a box answers keeps the code of the box. */
export const clientErrors = Object.fromEntries(
  Object.entries(table).map(([code, text]) => [
    code,
    (...args: never[]) => new CodedError(code, (text as (...a: never[]) => string)(...args)),
  ]),
) as { readonly [Code in keyof Table]: (...args: Parameters<Table[Code]>) => CodedError };
