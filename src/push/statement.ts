import { inc } from 'semver';
import { capabilityOf } from '../../hosts/node/index.ts';
import {
  type Audience,
  contentDigest,
  type DeployStatement,
  type FileEntry,
  fileEntry,
  modulesOf,
  parseCapability,
  parseStatement,
} from '../envelope/index.ts';
import type { Closure } from './closure.ts';
import { pushErrors } from './errors.ts';

/** What a person asks for with a push; what is left out is the box's default. */
export interface DeployRequest {
  readonly swarmlet: string;
  readonly version?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  readonly parameters?: DeployStatement['parameters'];
  readonly inputs?: DeployStatement['inputs'];
  readonly run?: DeployStatement['run'];
  readonly limits?: Readonly<Record<string, number>> | undefined;
  readonly isolation?: DeployStatement['isolation'];
  readonly upgrade?: DeployStatement['upgrade'];
  /** Of the swarmlet for which a box signs (PROTOCOL 3.5). */
  readonly origin?: DeployStatement['origin'];
  /** Parameters that only the box may read: they are sealed to its key, and stand nowhere else. */
  readonly secrets?: Readonly<Record<string, unknown>> | undefined;
}

/** When, for whom and after what: what a statement has beyond the request. */
export interface Placing {
  readonly audience: Audience;
  readonly issuedAt: string;
  readonly expires: string;
  readonly nonce: string;
  readonly sequence: number;
  /** Digest of the version that this one is meant to follow, null for none; undefined: whatever is there. */
  readonly replaces?: string | null | undefined;
  readonly version: string;
  readonly sealed?: DeployStatement['sealed'];
}

/** Files of all together so many bytes travel in the statement itself, the smallest first; others by digest, if the box lacks them. */
const inlineBytes = 8 * 1024;

/**
 * The statement that deploys a closure.
 * @param inline  so many bytes of files travel in the statement itself
 * @throws ServiceError MALFORMED that names the field; CodedError MISSING_CAPABILITY
 */
export function deployStatement(closure: Closure, request: DeployRequest, placing: Placing, inline = inlineBytes): DeployStatement {
  const missing = missingCapabilities(closure, request);
  if (missing.length > 0) throw pushErrors.MISSING_CAPABILITY(closure.main, missing);
  const { version: _, secrets: __, capabilities = [], limits, ...rest } = request;
  const statement = {
    action: 'deploy',
    ...placing,
    ...rest,
    main: closure.main,
    files: filesOf(closure, inline),
    ...(capabilities.length > 0 && { capabilities }),
    ...(limits && Object.keys(limits).length > 0 && { limits }),
  };
  return parseStatement(Buffer.from(JSON.stringify(statement))) as DeployStatement;
}

/** Capabilities that give what the closure requires, as far as they were not asked for. */
export function missingCapabilities(closure: Closure, { capabilities = [] }: DeployRequest): string[] {
  const given = new Set(capabilities.flatMap((text) => [text, ...modulesGiven(text)]));
  return closure.modules.filter((name) => !given.has(name)).map(capabilityOf);
}

function modulesGiven(text: string): readonly string[] {
  const capability = parseCapability(text);
  return capability ? modulesOf(capability) : [];
}

function filesOf({ files }: Closure, most: number): DeployStatement['files'] {
  const entries = [...files].map(([name, { text }]): [string, FileEntry] => [name, fileEntry(text)]);
  let left = most;
  const inline = new Set<string>();
  for (const [name, { size }] of [...entries].sort(([, a], [, b]) => a.size - b.size)) {
    left -= size;
    if (left >= 0) inline.add(name);
  }
  return Object.fromEntries(
    entries.map(([name, { sha256, size, text }]) => [name, inline.has(name) ? { sha256, size, text } : { sha256, size }]),
  );
}

/** By digest: the files of a statement that it names without their text. */
export function filesApart({ files }: Closure, statement: DeployStatement): ReadonlyMap<string, Buffer> {
  const apart = Object.entries(statement.files).filter(([, { text }]) => text === undefined);
  return new Map(apart.map(([name, { sha256 }]) => [`sha256:${sha256}`, Buffer.from(files.get(name)?.text ?? '')]));
}

/** Equal for equal code, whatever its version. */
export function contentOf(closure: Closure): string {
  return contentDigest(closure.main, filesOf(closure, 0));
}

/** The version after `last`; the first one if there is none, or if it is no SemVer. */
export function nextVersion(last: string | null | undefined): string {
  return (last && inc(last, 'patch')) || '1.0.0';
}

/** `RampJSTest.js` -> `rampjstest`; a name that a box takes, or an error that says to give one. */
export function swarmletName(main: string): string {
  const name = main
    .replace(/\.[jt]s$/, '')
    .normalize('NFKD') // letters without their accents
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 64)
    .replace(/-+$/, '');
  if (name === '') throw pushErrors.BAD_NAME(main);
  return name;
}
