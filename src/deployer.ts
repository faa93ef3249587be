import { CodedError, errorText, TypedEmitter } from '../hosts/common/index.ts';
import type { Deployed, Status } from './answers.ts';
import type { CertificateFiles } from './certificate.ts';
import type { KeyPair } from './envelope/index.ts';
import { errors, isServiceError, type ServiceError } from './errors.ts';
import { isLoopback, parseListen, reachable } from './listen-address.ts';
import { Service } from './service.ts';
import type { Level, ServiceOptions } from './service-options.ts';
import { limitDefaults, type SwarmletLimits } from './supervisor/index.ts';
import { Policy } from './trust/index.ts';

/** Parameters of the accessor `deployment/Deployer`, as it has them. */
export interface DeployerParameters {
  /** `HOST:PORT`; '' for no listener. */
  readonly listen: string;
  readonly trustedKeys: string;
  readonly revokedKeys: string;
  /** Rules; null for the default one. */
  readonly policy: unknown;
  readonly state: string;
  /** The weakest level that will do. */
  readonly isolation: string;
  readonly limits: unknown;
  readonly name: string;
  readonly labels: unknown;
  /** Isolates that wait for a swarmlet. */
  readonly pool: number;
  /** That it has at a time; one more is QUOTA_EXCEEDED. */
  readonly swarmlets: number;
  /** `stop` or `keep`: what becomes of the swarmlets of a key that is revoked. */
  readonly onRevoke: string;
  /** `{cert, key}`, files in PEM; null: no TLS. */
  readonly tls: unknown;
}

/** Changes that follow each other so closely are one for whoever gets the list: with many swarmlets making it takes a while. */
const listMs = 50;

/** What a box needs of the host that it is in. */
export type Surroundings = Pick<ServiceOptions, 'log' | 'ownPorts' | 'neighbourhood' | 'modules' | 'tiers'>;

/** What `accessors box` tells when it is ready. */
export interface Ready {
  /** Undefined without a listener. */
  readonly deploy: string | undefined;
  readonly id: string;
  readonly isolation: string;
  /** Why the clock of this machine cannot be right, where it cannot. */
  readonly clock?: string;
}

export interface DeployerEvents {
  ready: [Ready];
  deployed: [Deployed];
  state: [
    {
      readonly swarmlet: string;
      readonly digest: string;
      readonly from: string;
      readonly to: string;
      readonly reason: string | null;
      readonly at: string;
    },
  ];
  rejected: [{ readonly code: string; readonly reason: string; readonly principal: string | null }];
  output: [{ readonly swarmlet: string; readonly port: string; readonly value: unknown }];
  /** After each change; once for those that follow each other closely. */
  swarmlets: [Status[]];
  warning: [string];
  /** It could not be opened, or something went wrong that nobody waits for. */
  failed: [CodedError];
}

/** A box as the accessor sees it: values in, events out. It opens in the background; what comes before waits. */
export class Deployer extends TypedEmitter<DeployerEvents> {
  readonly #opening: Promise<Service | undefined>;
  #service: Service | undefined;
  #listing: NodeJS.Timeout | undefined;
  #closing = false;

  /** @param surroundings  what of the host around it is not a parameter */
  constructor(parameters: DeployerParameters, surroundings: Surroundings) {
    super();
    this.#opening = this.#open(parameters, surroundings);
  }

  async #open(parameters: DeployerParameters, surroundings: Surroundings): Promise<Service | undefined> {
    await undefined; // whoever made this listens only after that
    try {
      const service = await Service.open({ ...optionsOf(parameters), ...surroundings });
      this.#service = service;
      this.#follow(service);
      const { address, identity, level, clock } = service;
      const secure = isGiven(parameters.tls);
      if (address && !secure && !isLoopback(address.host)) {
        this.emit('warning', `Listening on ${address.host} without TLS: outputs and logs can be read on that network`);
      }
      const deploy = address && `${secure ? 'wss' : 'ws'}://${reachable(address)}/v1`;
      this.emit('ready', { deploy, id: identity.id, isolation: level, ...(clock !== undefined && { clock }) });
      return service;
    } catch (error) {
      this.emit('failed', codedError(error, parameters.listen));
      return undefined;
    }
  }

  #follow(service: Service): void {
    service.on('deployed', (deployed) => this.emit('deployed', deployed));
    service.on('state', ({ version, from, to, reason, at }) => {
      this.emit('state', { swarmlet: version.statement.swarmlet, digest: version.digest, from, to, reason, at });
      this.#listing ??= setTimeout(() => this.#list(service), listMs);
    });
    service.on('output', ({ swarmlet, port, value }) => this.emit('output', { swarmlet, port, value }));
    service.on('rejected', (error) => this.#rejected(error));
    service.on('warning', (message) => this.emit('warning', message));
  }

  #list(service: Service): void {
    this.#listing = undefined;
    this.emit('swarmlets', service.list());
  }

  #rejected({ code, message, subject }: ServiceError): void {
    this.emit('rejected', { code, reason: message, principal: subject.principal ?? null });
  }

  /** The box, once it is open. */
  get service(): Service | undefined {
    return this.#service;
  }

  /**
   * Reads again what can be: the trust list, revocations, the certificate; and takes these rules.
   * @throws BAD_OPTION
   */
  reload(given?: Pick<DeployerParameters, 'policy' | 'limits'>): void {
    this.#service?.reload(given && policyOf(given));
  }

  /** The key that the box signs with, once it is open; undefined if it could not be opened. */
  async keys(): Promise<KeyPair | undefined> {
    return (await this.#opening)?.identity.keys;
  }

  /** Takes a signed statement, as text or as an object; the outcome is an event. */
  envelope(value: unknown): void {
    this.#with((service) => service.submit(value, 'input envelope'));
  }

  /** Carries out what the swarmlet around this accessor wants. */
  command(value: unknown): void {
    this.#with((service) => service.command(value));
  }

  /** @param value  `{swarmlet, port, value}` */
  provide(value: unknown): void {
    this.#with((service) => {
      const given = (value ?? {}) as Readonly<Record<string, unknown>>;
      const { swarmlet, port } = given;
      if (typeof swarmlet !== 'string' || typeof port !== 'string') {
        throw errors.MALFORMED('provide', 'expected {swarmlet, port, value}');
      }
      return service.provide(swarmlet, port, given.value);
    }, true);
  }

  /** @param tell  refusals are not events of the service already */
  #with(use: (service: Service) => Promise<unknown>, tell = false): void {
    this.#opening
      .then((service) => {
        if (service) return use(service);
        throw errors.BUSY('not open: it failed to start');
      })
      .catch((error) => {
        if (!isServiceError(error)) this.emit('failed', codedError(error, ''));
        else if (tell || !this.#service) this.#rejected(error);
      });
  }

  /** Closes the listener and wraps all swarmlets up; resolves when nothing is left. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const service = await this.#opening;
    await service?.close();
    clearTimeout(this.#listing);
  }
}

/** @throws BAD_OPTION */
function optionsOf(parameters: DeployerParameters) {
  const { listen, trustedKeys, revokedKeys, state, isolation, limits, name, labels, pool, swarmlets, onRevoke, tls } = parameters;
  return {
    listen: listen === '' ? null : parseListen(listen, 'listen'),
    trustedKeys,
    revokedKeys,
    state,
    policy: policyOf(parameters),
    isolationMinimum: isolation as Level,
    limits: limitsOf(limits),
    name,
    labels: labelsOf(labels),
    pool,
    supervisor: { swarmlets: numberOf(swarmlets) },
    onRevoke: revocationOf(onRevoke),
    tls: tlsOf(tls),
  };
}

/** @throws BAD_OPTION */
function policyOf({ policy, limits }: Pick<DeployerParameters, 'policy' | 'limits'>): Policy {
  return Policy.parse(isGiven(policy) ? policy : [{}], limitsOf(limits));
}

function revocationOf(onRevoke: string): 'stop' | 'keep' {
  if (onRevoke !== 'stop' && onRevoke !== 'keep') throw errors.BAD_OPTION('onRevoke', 'stop or keep', onRevoke);
  return onRevoke;
}

function numberOf(swarmlets: number): number {
  if (!Number.isInteger(swarmlets) || swarmlets < 1) throw errors.BAD_OPTION('swarmlets', 'an integer of 1 or more', swarmlets);
  return swarmlets;
}

function tlsOf(tls: unknown): CertificateFiles | null {
  if (!isGiven(tls)) return null;
  const { cert, key } = isRecord(tls) ? tls : {};
  if (typeof cert !== 'string' || typeof key !== 'string') throw errors.BAD_OPTION('tls', '{cert, key}, two files in PEM', tls);
  return { cert, key };
}

/** A parameter of an accessor that was left as it is. */
function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}

/** Of the others 0 would be none at all. */
const zeroable: ReadonlySet<string> = new Set(['probationMs', 'restarts', 'logBytesPerSecond']);

function limitsOf(limits: unknown): Partial<SwarmletLimits> {
  if (!isGiven(limits)) return {};
  const entries = isRecord(limits) ? Object.entries(limits) : [['limits', limits] as const];
  for (const [name, value] of entries) {
    if (!(name in limitDefaults)) throw errors.BAD_OPTION(`limits.${name}`, `one of ${Object.keys(limitDefaults).join(', ')}`, value);
    const least = zeroable.has(name) ? 0 : 1;
    if (!Number.isInteger(value) || Number(value) < least)
      throw errors.BAD_OPTION(`limits.${name}`, `an integer of ${least} or more`, value);
  }
  return limits as Partial<SwarmletLimits>;
}

function labelsOf(labels: unknown): Readonly<Record<string, string>> {
  if (!isGiven(labels)) return {};
  const good = isRecord(labels) && Object.values(labels).every((value) => typeof value === 'string');
  if (!good) throw errors.BAD_OPTION('labels', 'an object of texts, such as {"room": "545"}', labels);
  return labels as Readonly<Record<string, string>>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Errors of the system get a code and a sentence. */
function codedError(error: unknown, listen: string): CodedError {
  if (error instanceof CodedError) return error;
  const { code = 'FAILED' } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new CodedError(code, `${listen} is in use: stop what listens there, or give another port (0 for any)`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new CodedError(code, `Cannot listen on ${listen} (${errorText(error)}): give another address`, { cause: error });
  }
  return new CodedError(code, errorText(error), { cause: error });
}
