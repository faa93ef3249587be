import { randomBytes } from 'node:crypto';
import {
  type Change,
  type DeployStatement,
  envelopeOf,
  fileEntry,
  namespaces,
  pae,
  parseEnvelope,
  payloadType,
  sequenceAfter,
  signSsh,
} from './envelope/index.ts';
import { errors } from './errors.ts';
import type { BoxIdentity } from './identity/index.ts';
import type { Store } from './store/index.ts';
import { Admission, type AdmissionOptions, defaultLimits, Policy, type Signer, type TrustedKey, type Verdict } from './trust/index.ts';

const VALID_MS = 5 * 60_000;

/** In whose name a box signs for itself. */
export interface Author {
  readonly signer: Omit<Signer, 'keyId'>;
  readonly policy: Policy;
  /** Of the swarmlet that asks; undefined: the program around the box. */
  readonly origin: DeployStatement['origin'];
  readonly isRevoked: AdmissionOptions['trust']['isRevoked'];
}

/** The program that the box is part of: it may do everything. */
export function localAuthor(): Author {
  const [everything] = new Policy().rules;
  const policy = new Policy(everything ? [{ ...everything, capabilities: ['trusted', 'deployment'], limits: defaultLimits }] : []);
  return { signer: { principal: 'local', principals: ['local'] }, policy, origin: undefined, isRevoked: () => false };
}

/**
 * Commands without a signature, of the program around the box or of a swarmlet on it. The box signs them with its own key,
 * which counts here and nowhere else, so that they go the same way as all others, with sequence, policy, limits and audit.
 */
export class LocalCommands {
  readonly admission: Admission;
  readonly #identity: BoxIdentity;
  readonly #store: Store;
  readonly #now: () => number;
  readonly #origin: Author['origin'];

  constructor(
    identity: BoxIdentity,
    labels: Readonly<Record<string, string>>,
    store: Store,
    now: () => number,
    { signer, policy, origin, isRevoked }: Author,
  ) {
    this.#identity = identity;
    this.#store = store;
    this.#now = now;
    this.#origin = origin;
    const own: TrustedKey = { key: identity.keys.publicKey, ...signer, touchRequired: false, line: 0 };
    const trust = { get: (keyId: string) => (keyId === identity.id ? own : undefined), isRevoked };
    this.admission = new Admission({ boxId: identity.id, labels, trust, order: store, policy, now });
  }

  /** @throws MALFORMED for what is no command at all */
  admit(command: unknown): Verdict {
    if (typeof command !== 'object' || command === null || Array.isArray(command)) {
      throw errors.MALFORMED('command', 'expected an object with action and swarmlet');
    }
    const payload = Buffer.from(JSON.stringify(this.#statement(command as Readonly<Record<string, unknown>>)));
    const signature = signSsh(this.#identity.keys, namespaces.statement, pae(payloadType, payload));
    return this.admission.admit(parseEnvelope(envelopeOf(payload, [{ keyId: this.#identity.id, signature }])));
  }

  #statement({ files, ...command }: Readonly<Record<string, unknown>>): object {
    const now = Math.max(this.#now(), this.#store.latestTime());
    const sequence = sequenceAfter(this.#store.lastSequence(String(command.swarmlet))?.sequence ?? 0);
    return {
      audience: [this.#identity.id],
      issuedAt: new Date(now).toISOString(),
      expires: new Date(now + VALID_MS).toISOString(),
      nonce: randomBytes(16).toString('base64'),
      ...((command.action as Change['action']) !== 'input' && { sequence }),
      ...(files !== undefined && { files: withEntries(files) }),
      ...command,
      ...(this.#origin && command.action === 'deploy' && { origin: this.#origin }), // last: nobody chooses it
    };
  }
}

/** Files given as texts get what a statement says of them. */
function withEntries(files: unknown): unknown {
  if (typeof files !== 'object' || files === null) return files;
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, typeof file === 'string' ? fileEntry(file) : file]));
}
