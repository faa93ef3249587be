import { errorText } from '../hosts/common/index.ts';
import { adminRoutes } from './admin-routes.ts';
import { type Log, openLog } from './audit/index.ts';
import { AdminServer } from './dashboard/index.ts';
import { Deployer, type DeployerParameters } from './deployer.ts';
import { parseListen } from './listen-address.ts';
import { Pusher, type PushParameters } from './pusher.ts';

/** What `require('deployment')` gives to the accessors of one host: the service, as far as they need it. */
export class Deployment {
  readonly #log: () => Log;
  readonly #deployers = new Set<Deployer>();
  readonly #admins = new Set<AdminServer>();
  readonly #ends = new Set<Promise<void>>();

  /** @param log  where the boxes of this host tell what they do; lines on standard error unless given */
  constructor(log?: Log) {
    let opened = log;
    this.#log = () => {
      opened ??= openLog();
      return opened;
    };
  }

  /** The boxes of this host, in the order of their making. */
  get deployers(): readonly Deployer[] {
    return [...this.#deployers];
  }

  deployer(parameters: DeployerParameters): Deployer {
    const deployer = new Deployer(parameters, this.#log(), () => [...this.#admins].map(({ address }) => address.port));
    this.#deployers.add(deployer);
    return deployer;
  }

  /** Ends a box; `ended` waits for it. */
  close(deployer: Deployer): void {
    this.#deployers.delete(deployer);
    this.#keep(deployer.close());
  }

  pusher(parameters: PushParameters): Pusher {
    return new Pusher(parameters, async () => this.deployers[0]?.keys());
  }

  /**
   * What the first box of this host shows over HTTP, at `HOST:PORT`.
   * @param names  by which it may be asked besides its addresses
   */
  admin(listen: string, names: readonly string[]): Promise<AdminServer> {
    const routes = adminRoutes(() => this.deployers[0]?.service);
    const defect = (error: unknown): void => this.#log().error({ event: 'defect', err: error }, errorText(error));
    return AdminServer.open({ ...parseListen(listen, 'admin'), names, routes, defect });
  }

  closeAdmin(admin: AdminServer): void {
    this.#keep(admin.close());
  }

  #keep(end: Promise<void>): void {
    this.#ends.add(end);
    void end.finally(() => this.#ends.delete(end));
  }

  /** Resolves when everything that was closed is gone. */
  async ended(): Promise<void> {
    await Promise.all(this.#ends);
  }
}

/** Called once in a host, when an accessor of `deployment/` first requires its module. */
export function createDeployment(): Deployment {
  return new Deployment();
}
