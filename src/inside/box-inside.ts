import type { TypedEmitter } from '../../hosts/common/index.ts';
import type { Status } from '../answers.ts';
import type { Audit, Source } from '../audit/index.ts';
import type { Neighbourhood } from '../discovery/index.ts';
import type { DeployStatement } from '../envelope/index.ts';
import { isServiceError, orThrow } from '../errors.ts';
import type { BoxIdentity } from '../identity/index.ts';
import type { Intake, Outcome } from '../intake.ts';
import { LocalCommands, localAuthor } from '../local-commands.ts';
import type { Store, Version } from '../store/index.ts';
import type { Supervisor, SupervisorEvents } from '../supervisor/index.ts';
import { isSignedBy, keysBehind, type Policy, type Signer, type TrustList } from '../trust/index.ts';

export interface BoxParts {
  readonly identity: BoxIdentity;
  readonly labels: Readonly<Record<string, string>>;
  readonly level: string;
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly policy: Policy;
  readonly trust: Pick<TrustList, 'isRevoked'>;
  readonly audit: Audit;
  readonly now: () => number;
  readonly intake: () => Intake;
  /** The boxes out there; undefined: this one does not look for them. */
  readonly neighbourhood: Neighbourhood | undefined;
  /** A statement that somebody signed. */
  readonly take: (envelope: unknown, from: Source) => Promise<Outcome>;
}

/** In whose name the box acts for a version. */
export interface OnBehalf {
  readonly commands: LocalCommands;
  readonly signer: Signer;
  readonly origin: DeployStatement['origin'];
}

/** What the box lets a swarmlet on it do, as far as the principal who deployed it may. */
export class BoxInside {
  readonly #parts: BoxParts;

  constructor(parts: BoxParts) {
    this.#parts = parts;
  }

  get identity(): BoxIdentity {
    return this.#parts.identity;
  }

  get neighbourhood(): Neighbourhood | undefined {
    return this.#parts.neighbourhood;
  }

  get level(): string {
    return this.#parts.level;
  }

  /** The rules for what whoever signed may do; the program around the box may do everything. */
  policyFor(signers: readonly Signer[]): Policy {
    return this.identity.ids.some((id) => isSignedBy(id, signers)) ? localAuthor().policy : this.#parts.policy;
  }

  /** All who signed stand behind it together: they are one signer, so that no threshold is met by what a swarmlet does. */
  onBehalfOf({ statement, digest, principal, signers }: Version): OnBehalf {
    const { identity, labels, store, now, trust } = this.#parts;
    const policy = this.policyFor(signers);
    const principals = [...new Set(signers.flatMap((signer) => signer.principals))];
    const signer: Signer = { keyId: identity.id, principal, principals, behalf: keysBehind(signers) };
    const origin = { swarmlet: statement.swarmlet, digest, principal, hops: (statement.origin?.hops ?? 0) + 1 };
    const isRevoked = (keyId: Signer['keyId']): boolean => trust.isRevoked(keyId);
    return { commands: new LocalCommands(identity, labels, store, now, { signer, policy, origin, isRevoked }), signer, origin };
  }

  command(command: unknown, from: Source, { commands }: OnBehalf): Promise<Outcome> {
    return orThrow(this.#parts.intake().take(() => commands.admit(command), from, commands.admission));
  }

  take(envelope: unknown, from: Source): Promise<Outcome> {
    return this.#parts.take(envelope, from);
  }

  provide(swarmlet: string, port: string, value: unknown): Promise<void> {
    return this.#parts.supervisor.provideInput(swarmlet, port, value);
  }

  /** What is on the box now that this swarmlet deployed. */
  deployedBy(swarmlet: string): Status[] {
    const { supervisor, intake } = this.#parts;
    const names = supervisor.names.filter((name) => supervisor.isShown(name) && this.#isChild(supervisor.snapshot(name).version, swarmlet));
    return names.map((name) => intake().status(name));
  }

  /** Tells of what that swarmlet deployed, until the returned function is called. */
  follow(swarmlet: string, told: (event: 'state' | 'output', value: object) => void): () => void {
    const { supervisor } = this.#parts;
    const state = (...[{ version, from, to, reason, at }]: SupervisorEvents['state']): void => {
      const child = version.statement.swarmlet;
      if (this.#isChild(version, swarmlet)) told('state', { swarmlet: child, digest: version.digest, from, to, reason, at });
    };
    const output = (...[{ swarmlet: child, port, value }]: SupervisorEvents['output']): void => {
      if (this.#isChild(this.#shown(child), swarmlet)) told('output', { swarmlet: child, port, value });
    };
    return following(supervisor, { state, output });
  }

  #shown(swarmlet: string): Version | undefined {
    try {
      return this.#parts.supervisor.snapshot(swarmlet).version;
    } catch (error) {
      if (isServiceError(error)) return undefined; // stopped meanwhile
      throw error;
    }
  }

  #isChild(version: Version | undefined, parent: string): boolean {
    if (version?.statement.origin?.swarmlet !== parent) return false;
    return version.signers.some(({ keyId }) => this.#parts.identity.ids.includes(keyId)); // or it is a swarmlet of another box
  }

  pushed({ statement, principal }: Version, to: string, swarmlet: string, digest: string | null, outcome: string): void {
    this.#parts.audit.pushed(statement.swarmlet, principal, to, swarmlet, digest, outcome);
  }
}

type Listeners = { readonly [E in 'state' | 'output']: (...args: SupervisorEvents[E]) => void };

function following(supervisor: TypedEmitter<SupervisorEvents>, { state, output }: Listeners): () => void {
  supervisor.on('state', state).on('output', output);
  return () => {
    supervisor.off('state', state).off('output', output);
  };
}
