import { errors } from '../errors.ts';
import type { InsidePart, PartLine } from './session.ts';

/** What is the box's own, so that a Deployer inside must leave it empty. */
const boxOnly = ['listen', 'trustedKeys', 'revokedKeys', 'state', 'policy', 'tls'];

/**
 * A Deployer inside an isolate: the box's own service, under the policy of the principal who deployed the swarmlet. It sees
 * what this swarmlet deployed, and nothing of the others.
 */
export class DeployerInside implements InsidePart {
  readonly #line: PartLine;
  readonly #unfollow: () => void;

  /** @throws FORBIDDEN */
  constructor(line: PartLine, parameters: Readonly<Record<string, unknown>>) {
    const { box, version } = line;
    const given = boxOnly.find((name) => ![undefined, null, ''].includes(parameters[name] as undefined | null | ''));
    if (given !== undefined)
      throw errors.FORBIDDEN(version.principal, `set ${given} of a Deployer inside a swarmlet, which is the box's own`);
    this.#line = line;
    const { swarmlet } = version.statement;
    this.#unfollow = box.follow(swarmlet, (event, value) => {
      line.emit(event, value);
      if (event === 'state') line.emit('swarmlets', box.deployedBy(swarmlet));
    });
    line.emit('ready', { deploy: null, id: box.identity.id, isolation: box.level });
  }

  async call(method: string, [value]: readonly unknown[]): Promise<void> {
    const { box, version } = this.#line;
    const from = { address: `swarmlet ${version.statement.swarmlet}`, caller: version.principal };
    switch (method) {
      case 'envelope':
        return this.#deployed(await box.take(value, from));
      case 'command':
        return this.#deployed(await box.command(value, from, box.onBehalfOf(version)));
      case 'provide':
        return this.#provide(value);
      default:
        throw errors.MALFORMED('method', 'expected envelope, command or provide');
    }
  }

  #deployed(outcome: object): void {
    if ('timeline' in outcome) this.#line.emit('deployed', outcome);
  }

  async #provide(given: unknown): Promise<void> {
    const { box, version } = this.#line;
    const { swarmlet, port, value } = (given ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof swarmlet !== 'string' || typeof port !== 'string') throw errors.MALFORMED('provide', 'expected {swarmlet, port, value}');
    box.policyFor(version.signers).check({ action: 'input', swarmlet }, [box.onBehalfOf(version).signer]);
    await box.provide(swarmlet, port, value);
  }

  close(): void {
    this.#unfollow();
  }
}
