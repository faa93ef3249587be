import { spawnSync } from 'node:child_process';
import {
  type Envelope,
  envelopeOf,
  fileEntry,
  type KeyPair,
  namespaces,
  pae,
  parseEnvelope,
  payloadType,
  signSsh,
} from '../../src/envelope/index.ts';
import { type ErrorCode, isServiceError } from '../../src/errors.ts';

export const boxId = `SHA256:${'A'.repeat(43)}`;
/** Unix milliseconds of the `issuedAt` below. */
export const issued = Date.parse('2026-11-22T18:44:29Z');
export const nonce = Buffer.alloc(16, 7).toString('base64');

const common = { audience: [boxId], issuedAt: '2026-11-22T18:44:29Z', expires: '2026-11-22T18:49:29Z', nonce };

/** A statement of each action that is good in every respect. */
export const statements = {
  deploy: {
    action: 'deploy',
    swarmlet: 'lamp',
    sequence: 8,
    ...common,
    version: '1.4.0',
    main: 'Lamp.js',
    files: { 'Lamp.js': fileEntry('exports.setup = function () {};\n') },
  },
  undeploy: { action: 'undeploy', swarmlet: 'lamp', sequence: 8, ...common },
  restart: { action: 'restart', swarmlet: 'lamp', sequence: 8, ...common },
  rollback: { action: 'rollback', swarmlet: 'lamp', sequence: 8, ...common, to: `sha256:${'0'.repeat(64)}` },
  input: { action: 'input', swarmlet: 'lamp', ...common, port: 'on', value: true },
  authenticate: { action: 'authenticate', ...common, clientNonce: nonce },
} as const;

export function payloadOf(statement: object): Buffer {
  return Buffer.from(JSON.stringify(statement));
}

/** What travels: the envelope's JSON, signed by each of the keys. */
export function envelopeJson(payload: Buffer, ...pairs: readonly KeyPair[]): object {
  const message = pae(payloadType, payload);
  const signatures = pairs.map((pair) => ({ keyId: pair.publicKey.id, signature: signSsh(pair, namespaces.statement, message) }));
  return envelopeOf(payload, signatures);
}

export function signed(statement: object, ...pairs: readonly KeyPair[]): Envelope {
  return parseEnvelope(envelopeJson(payloadOf(statement), ...pairs));
}

/** For `assert.throws`: an error with this code whose message has these words. */
export function code(expected: ErrorCode, words = ''): (error: unknown) => boolean {
  return (error) => {
    if (isServiceError(error) && error.code === expected && error.message.includes(words)) return true;
    throw error;
  };
}

/** Runs ssh-keygen and gives what it printed; a failure is thrown with its words. */
export function sshKeygen(args: readonly string[], input: string | Buffer = '', env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync('ssh-keygen', args, { input, encoding: 'utf8', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`ssh-keygen ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}
