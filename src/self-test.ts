import { errorText } from '../hosts/common/index.ts';
import type { IsolateTier } from '../hosts/node/isolate/index.ts';
import type { Log } from './audit/index.ts';
import {
  envelopeOf,
  fileEntry,
  generateKeyPair,
  namespaces,
  pae,
  parseEnvelope,
  parseJson,
  payloadType,
  signSsh,
} from './envelope/index.ts';
import { orThrow } from './errors.ts';
import { MemoryStore } from './store/index.ts';
import { Supervisor } from './supervisor/index.ts';
import { Admission, Policy, type TrustedKey } from './trust/index.ts';

/** Reactions that make every part of the way compiled code: reading, verifying, an isolate, an output. */
const code = `
exports.setup = function () { this.output('out'); };
exports.initialize = function () { this.send('out', 'warm'); };
`;
const ROUNDS = 20;
const PATIENCE_MS = 20_000;

/**
 * Pushes a swarmlet of the box's own, signed with a key made for it, through the functions that all others go through. The
 * first push of somebody else then finds compiled code. That it does not work is worth a line, not the end of the box:
 * whoever pushes is told why.
 */
export async function selfTest(tier: IsolateTier, log: Log): Promise<void> {
  const supervisor = new Supervisor([tier]);
  try {
    const { accept } = line();
    for (let sequence = 1; sequence < ROUNDS; sequence++) accept(sequence);
    const version = accept(ROUNDS);
    if (!version) throw new Error('what was accepted is not there');
    const answered = new Promise((resolve) => supervisor.on('output', resolve));
    await supervisor.deploy(version, () => ({ files: new Map([['SelfTest.js', code]]), secrets: () => ({}) }));
    await within(answered);
  } catch (error) {
    log.warn({ event: 'self-test', problem: errorText(error) }, 'The self-test failed: pushes will most likely fail as well');
  } finally {
    await supervisor.close();
  }
}

/** From the bytes of a frame to a version, with a trust list of one key. */
function line() {
  const pair = generateKeyPair();
  const { id } = pair.publicKey;
  const trusted: TrustedKey = { key: pair.publicKey, principal: 'box', principals: ['box'], touchRequired: false, line: 0 };
  const trust = { get: () => trusted, isRevoked: () => false };
  const store = new MemoryStore();
  const admission = new Admission({ boxId: id, labels: {}, trust, order: store, policy: new Policy(), now: Date.now });
  const accept = (sequence: number) => {
    const payload = Buffer.from(JSON.stringify(statement(sequence)));
    const signature = signSsh(pair, namespaces.statement, pae(payloadType, payload));
    const frame = Buffer.from(JSON.stringify({ params: { envelope: envelopeOf(payload, [{ keyId: id, signature }]) } }));
    const { params } = parseJson(frame, 'frame') as { params: { envelope: unknown } };
    const verified = orThrow(admission.admit(parseEnvelope(params.envelope)));
    admission.recheck(verified);
    void store.accept(verified, {});
    return store.version('self-test', verified.digest);
  };
  return { accept };
}

function statement(sequence: number): object {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    action: 'deploy',
    swarmlet: 'self-test',
    audience: ['*'],
    issuedAt: time(Date.now()),
    expires: time(Date.now() + 60_000),
    nonce: Buffer.from(String(sequence).padStart(16)).toString('base64'),
    sequence,
    version: '1.0.0',
    main: 'SelfTest.js',
    files: { 'SelfTest.js': fileEntry(code) },
  };
}

function within(promise: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no output within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
