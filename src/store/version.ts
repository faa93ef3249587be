import { contentDigest, type DeployStatement } from '../envelope/index.ts';
import type { VerifiedStatement } from '../trust/index.ts';
import { blobsOf } from './blobs.ts';

/** A deployment that was accepted: what was signed, and by whom. It never changes. */
export interface Version {
  /** Names the deployment: SHA-256 of the payload. */
  readonly digest: string;
  /** The same for equal code (PROTOCOL 3.1). */
  readonly content: string;
  readonly statement: DeployStatement;
  readonly principal: string;
  readonly signers: VerifiedStatement['signers'];
  /** RFC 3339, UTC. */
  readonly receivedAt: string;
  /** Of the payload, and of the files that travelled by digest. */
  readonly bytes: number;
}

/** One line of a swarmlet's history. */
export interface HistoryEntry {
  readonly version: Version;
  /** Status of PROTOCOL 6. */
  readonly state: string;
  readonly reason: string | null;
  /** Of the state; RFC 3339, UTC. */
  readonly at: string;
  /** When it first ran since somebody wanted it to, Unix milliseconds. */
  readonly firstRunningAt: number | undefined;
  /** It took its place again because its successor failed. */
  readonly givenBack: boolean;
}

export function versionOf({ digest, principal, signers, receivedAt, payload }: VerifiedStatement, statement: DeployStatement): Version {
  const content = contentDigest(statement.main, statement.files);
  const bytes = payload.length + [...blobsOf(statement).values()].reduce((sum, size) => sum + size, 0);
  return { digest, content, statement, principal, signers, receivedAt: new Date(receivedAt).toISOString(), bytes };
}
