import { parseEnvelope, parseJson, payloadType } from '../envelope/index.ts';
import type { Admitted, Signer, VerifiedStatement } from '../trust/index.ts';
import type { Row, Sql } from './database-messages.ts';
import { type Kept, type Name, newName } from './memory-store.ts';
import type { NonceUse } from './nonces.ts';
import type { Pending } from './store.ts';
import type { HistoryEntry } from './version.ts';

// How memory and the tables of schema.ts say the same.

export function saveName(swarmlet: string, name: Name = newName()): Sql {
  const { sequence, placed, shown, previous, pending } = name;
  return [
    `insert or replace into names (swarmlet, sequence, placed, shown, pending, previous, previous_until) values (?, ?, ?, ?, ?, ?, ?)`,
    [
      swarmlet,
      sequence,
      placed?.digest ?? null,
      shown?.digest ?? null,
      JSON.stringify(pending),
      previous?.version.digest ?? null,
      previous?.until ?? null,
    ],
  ];
}

export function nameOf({ sequence, placed, shown, pending, previous, previous_until }: Row, kept: Kept[]): Name {
  const version = (digest: Row[string] | undefined) => kept.find((entry) => entry.version.digest === digest)?.version;
  const before = version(previous);
  return {
    sequence: Number(sequence),
    placed: version(placed),
    shown: version(shown),
    previous: before && { version: before, until: Number(previous_until) },
    pending: parseJson(String(pending), 'pending') as Pending[],
    kept,
  };
}

export function insertVersion({ statement, digest, payload, envelope, signers, receivedAt }: VerifiedStatement): Sql {
  const signatures = envelope.signatures.map(({ keyId, signature }) => ({ keyid: keyId, sig: signature.toString('base64') }));
  return [
    `insert or replace into versions (swarmlet, digest, payload, signatures, signers, received_at, state, at, given_back)
     values (?, ?, ?, ?, ?, ?, 'staged', ?, 0)`,
    [
      statement.swarmlet,
      digest,
      payload,
      JSON.stringify(signatures),
      JSON.stringify(signers),
      receivedAt,
      new Date(receivedAt).toISOString(),
    ],
  ];
}

/** @throws MALFORMED for what no box wrote */
export function admittedOf({ payload, signatures, signers, received_at }: Row): Admitted {
  const encoded = Buffer.from(payload as Uint8Array).toString('base64');
  const envelope = parseEnvelope({ payloadType, payload: encoded, signatures: parseJson(String(signatures), 'signatures') });
  return { envelope, signers: parseJson(String(signers), 'signers') as Signer[], receivedAt: Number(received_at) };
}

export function saveVersion(swarmlet: string, { version, state, reason, at, firstRunningAt, givenBack }: HistoryEntry): Sql {
  return [
    'update versions set state = ?, reason = ?, at = ?, first_running_at = ?, given_back = ? where swarmlet = ? and digest = ?',
    [state, reason, at, firstRunningAt ?? null, Number(givenBack), swarmlet, version.digest],
  ];
}

export function deleteVersion(swarmlet: string, digest: string): Sql {
  return ['delete from versions where swarmlet = ? and digest = ?', [swarmlet, digest]];
}

export function insertNonce(nonce: string, { swarmlet, digest, sequence, version, until }: NonceUse): Sql {
  return [
    'insert or replace into nonces (nonce, swarmlet, digest, sequence, version, until) values (?, ?, ?, ?, ?, ?)',
    [nonce, swarmlet, digest, sequence, version, until],
  ];
}

/** Expired ones, and the oldest of those whose sequence refuses them again. */
export function forgetNonces(limit: number): Sql[] {
  return [
    ['delete from nonces where until < ?', [Date.now()]],
    ['delete from nonces where number <= (select max(number) from nonces) - ? and sequence is not null', [limit]],
  ];
}

export function useOf({ swarmlet, digest, sequence, version, until }: Row): NonceUse {
  return {
    swarmlet: String(swarmlet),
    digest: String(digest),
    sequence: sequence === null ? null : Number(sequence),
    version: version === null ? null : String(version),
    until: Number(until),
  };
}

export function saveTime(latest: number): Sql {
  return ['update clock set latest = max(latest, ?)', [latest]];
}
