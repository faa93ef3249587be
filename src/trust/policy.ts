import { z } from 'zod';
import { type Action, type Change, type DeployStatement, parseCapability } from '../envelope/index.ts';
import { errors, type ServiceError } from '../errors.ts';
import { matchesPattern } from './pattern.ts';
import type { Signer } from './verified.ts';

export type PolicyAction = Exclude<Action, 'authenticate'> | 'observe';
export type LimitName = keyof NonNullable<DeployStatement['limits']>;
export type Isolation = NonNullable<DeployStatement['isolation']>;

/** What a principal may do. Patterns have `*` and `?`; a rule counts for a statement if all of the first three fit it. */
export interface PolicyRule {
  readonly principals: readonly string[];
  readonly swarmlets: readonly string[];
  readonly actions: readonly PolicyAction[];
  /** What may be asked for beyond the default set; in `net:` patterns too. */
  readonly capabilities: readonly string[];
  /** Upper bounds. */
  readonly limits: Readonly<Record<LimitName, number>>;
  /** The weakest that may be asked for. */
  readonly isolation: Isolation;
  /** How many different people must have signed. */
  readonly threshold: number;
  /** How many swarmlets one key may have on the box; undefined: as many as the box takes. */
  readonly quota?: number | undefined;
}

/** What a swarmlet gets that asks for nothing (PROTOCOL.md section 7). */
export const defaultLimits: Readonly<Record<LimitName, number>> = Object.freeze({
  setupMs: 5000,
  initializeMs: 5000,
  reactionMs: 1000,
  wrapupMs: 2000,
  probationMs: 10_000,
  memoryMiB: 128,
  cpuPercent: 100,
  messagesPerSecond: 10_000,
  logBytesPerSecond: 65_536,
  storageMiB: 16,
  restarts: 5,
});

const actions = ['deploy', 'undeploy', 'restart', 'rollback', 'input', 'observe'] as const satisfies readonly PolicyAction[];
/** From the strongest to the weakest. */
const tiers: readonly Isolation[] = ['process', 'thread', 'inline'];
/** From box to box, each time signed by a box for a swarmlet of its own (PROTOCOL 3.5). */
const maxHops = 3;

const everything: PolicyRule = Object.freeze({
  principals: ['*'],
  swarmlets: ['*'],
  actions,
  capabilities: [],
  limits: defaultLimits,
  isolation: 'process',
  threshold: 1,
});

const patterns = z.array(z.string().min(1)).min(1);
const bound = z.int().min(0);
/** `*` alone is every capability. */
function isCapabilityPattern(text: string): boolean {
  return parseCapability(text) !== undefined || parseCapability(text.replaceAll(/[*?]/g, '1')) !== undefined;
}

/** A rule as it is written; a field that is left out is that of the default rule. */
export const ruleSchema = z.strictObject({
  principals: patterns.optional(),
  swarmlets: patterns.optional(),
  actions: z.array(z.enum(actions)).min(1).optional(),
  capabilities: z.array(z.string().refine(isCapabilityPattern, 'expected a capability, or a pattern of some')).optional(),
  limits: z.partialRecord(z.enum(Object.keys(defaultLimits) as [LimitName, ...LimitName[]]), bound).optional(),
  isolation: z.enum(['process', 'thread', 'inline']).optional(),
  threshold: z.int().min(1).max(8).optional(),
  quota: z.int().min(1).optional(),
});

/** What a rule is asked about. */
export type Judged = DeployStatement | { readonly action: Exclude<Change['action'], 'deploy'>; readonly swarmlet: string };

/** The rules of the box's configuration. */
export class Policy {
  #rules: readonly PolicyRule[];

  /** @param rules  without any, whoever is trusted may do every action with what is the default */
  constructor(rules: readonly PolicyRule[] = [everything]) {
    this.#rules = rules;
  }

  get rules(): readonly PolicyRule[] {
    return this.#rules;
  }

  /** From now on these rules are in force, for whoever asks this policy. */
  replace({ rules }: Policy): void {
    this.#rules = rules;
  }

  /**
   * @param raw     an array of rules; a field that is left out is that of the default rule
   * @param limits  of the box, which a rule without its own has
   * @throws BAD_OPTION
   */
  static parse(raw: unknown, limits: Partial<PolicyRule['limits']> = {}): Policy {
    const parsed = z.array(ruleSchema).safeParse(raw);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw errors.BAD_OPTION(['policy', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'an array of rules', raw);
    }
    return new Policy(
      parsed.data.map((rule) => ({ ...everything, ...rule, limits: { ...defaultLimits, ...limits, ...rule.limits } }) as PolicyRule),
    );
  }

  /**
   * The first rule that allows the statement; its limits and isolation bound what the statement left open too.
   * @param signers  at least one
   * @throws FORBIDDEN, THRESHOLD_NOT_MET, LIMIT_TOO_HIGH, as the first rule that is about this statement has it
   */
  check(statement: Judged, signers: readonly Signer[]): PolicyRule {
    const principal = signers[0]?.principal ?? 'nobody';
    let fault: ServiceError | undefined;
    for (const rule of this.rules) {
      if (!signers.some((signer) => isAbout(rule, signer, statement.action, statement.swarmlet))) continue;
      const found = faultOf(rule, statement, signers, principal);
      if (!found) return rule;
      fault ??= found;
    }
    throw fault ?? errors.FORBIDDEN(principal, `${statement.action} ${statement.swarmlet}`);
  }

  /** @param swarmlet  leave it out to ask whether there is any that the signer may observe */
  mayObserve(signer: Signer, swarmlet?: string): boolean {
    return this.rules.some((rule) => isAbout(rule, signer, 'observe', swarmlet));
  }
}

function isAbout(rule: PolicyRule, signer: Signer, action: PolicyAction, swarmlet: string | undefined): boolean {
  return (
    rule.actions.includes(action) &&
    isNamed(rule, signer) &&
    (swarmlet === undefined || rule.swarmlets.some((pattern) => matchesPattern(swarmlet, pattern)))
  );
}

function isNamed(rule: PolicyRule, { principals }: Signer): boolean {
  return rule.principals.some((pattern) => principals.some((name) => matchesPattern(name, pattern)));
}

function faultOf(rule: PolicyRule, statement: Judged, signers: readonly Signer[], principal: string): ServiceError | undefined {
  const people = distinctPeople(signers.filter((signer) => isNamed(rule, signer)));
  if (people.length < rule.threshold) return errors.THRESHOLD_NOT_MET(rule.threshold, people);
  return statement.action === 'deploy' ? faultOfDeploy(rule, statement, principal) : undefined;
}

/** One name for each person: keys that share a principal, directly or by a third one, are of one person. */
function distinctPeople(signers: readonly Signer[]): string[] {
  let people: { readonly name: string; readonly principals: readonly string[] }[] = [];
  for (const { principal, principals } of signers) {
    const same = people.filter((person) => person.principals.some((name) => principals.includes(name)));
    const merged = { name: same[0]?.name ?? principal, principals: [...principals, ...same.flatMap((person) => person.principals)] };
    people = [...people.filter((person) => !same.includes(person)), merged];
  }
  return people.map(({ name }) => name);
}

/** Whether a pattern fits everything that is asked for: what is asked for may have a `*` of its own, which stands for any text. */
function covers(pattern: string, asked: string): boolean {
  const { length } = pattern; // a `?` in it stands for one character only, so that many more need a `*`
  return ['*', '', 'x'.repeat(length + 1)].every((text) => matchesPattern(asked.replaceAll('*', text), pattern));
}

function faultOfDeploy(rule: PolicyRule, statement: DeployStatement, principal: string): ServiceError | undefined {
  const { capabilities = [], limits = {}, isolation = 'process', origin } = statement;
  const capability = capabilities.find((asked) => !rule.capabilities.some((pattern) => covers(pattern, asked)));
  if (capability !== undefined) return errors.FORBIDDEN(principal, `give a swarmlet the capability ${capability}`);
  if (tiers.indexOf(isolation) > tiers.indexOf(rule.isolation)) return errors.FORBIDDEN(principal, `ask for isolation ${isolation}`);
  if (origin && origin.hops > maxHops) return errors.FORBIDDEN(principal, `push on what came by ${origin.hops} boxes`);
  for (const [name, asked] of Object.entries(limits) as [LimitName, number | undefined][]) {
    if (asked !== undefined && asked > rule.limits[name]) return errors.LIMIT_TOO_HIGH(name, asked, rule.limits[name]);
  }
  return undefined;
}
