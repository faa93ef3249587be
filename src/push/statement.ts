import { inc } from 'semver';
import { contentDigest, type DeployStatement, fileEntry, parseStatement } from '../envelope/index.ts';
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
}

/** When, for whom and after what: what a statement has beyond the request. */
export interface Placing {
  readonly audience: readonly string[];
  readonly issuedAt: string;
  readonly expires: string;
  readonly nonce: string;
  readonly sequence: number;
  /** Digest of the version that this one is meant to follow, null for none; undefined: whatever is there. */
  readonly replaces?: string | null | undefined;
  readonly version: string;
}

/**
 * The statement that deploys a closure, its files inline.
 * @throws ServiceError MALFORMED that names the field; CodedError MISSING_CAPABILITY
 */
export function deployStatement(closure: Closure, request: DeployRequest, placing: Placing): DeployStatement {
  const missing = missingCapabilities(closure, request);
  if (missing.length > 0) throw pushErrors.MISSING_CAPABILITY(closure.main, missing);
  const { version: _, capabilities = [], limits, ...rest } = request;
  const statement = {
    action: 'deploy',
    ...placing,
    ...rest,
    main: closure.main,
    files: filesOf(closure),
    ...(capabilities.length > 0 && { capabilities }),
    ...(limits && Object.keys(limits).length > 0 && { limits }),
  };
  return parseStatement(Buffer.from(JSON.stringify(statement))) as DeployStatement;
}

/** Modules that the closure requires and that were not asked for. */
export function missingCapabilities(closure: Closure, { capabilities = [] }: DeployRequest): string[] {
  return closure.modules.filter((name) => !capabilities.includes(name));
}

function filesOf({ files }: Closure): DeployStatement['files'] {
  return Object.fromEntries([...files].map(([name, { text }]) => [name, fileEntry(text)]));
}

/** Equal for equal code, whatever its version. */
export function contentOf(closure: Closure): string {
  return contentDigest(closure.main, filesOf(closure));
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
