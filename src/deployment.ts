import { errorText } from '../hosts/common/index.ts';
import { adminRoutes } from './admin-routes.ts';
import { type Log, openLog } from './audit/index.ts';
import { BoxWatch } from './box-watch.ts';
import { AdminServer, Feed } from './dashboard/index.ts';
import { Deployer, type DeployerParameters } from './deployer.ts';
import type { Box, Neighbourhood } from './discovery/index.ts';
import { isLoopback, parseListen } from './listen-address.ts';
import { ServicePage } from './page-box.ts';
import { lookingSettings, noStatements, PluginHost } from './plugin-host.ts';
import { Pusher, type PushParameters } from './pusher.ts';
import type { Service } from './service.ts';
import { ServiceMetrics } from './service-metrics.ts';

/** What `require('deployment')` gives to the accessors of one host: the service, as far as they need it. */
export class Deployment {
  #opened: Log | undefined;
  readonly #deployers = new Set<Deployer>();
  readonly #admins = new Set<AdminServer>();
  readonly #ends = new Set<Promise<void>>();

  readonly #plugins: PluginHost | undefined;
  readonly #reload: (() => Promise<readonly string[]>) | undefined;
  #admin: Promise<AdminServer> | undefined;
  /** Of the first box; undefined until it is open. */
  #metrics: ServiceMetrics | undefined;

  /**
   * @param log      where the boxes of this host tell what they do; lines on standard error unless given
   * @param plugins  of the first box of this host
   * @param reload   for whoever asks over HTTP; gives what was wrong. Undefined: nobody may
   */
  constructor(log?: Log, plugins?: PluginHost, reload?: () => Promise<readonly string[]>) {
    this.#plugins = plugins;
    this.#reload = reload;
    this.#opened = log;
  }

  readonly #log = (): Log => {
    this.#opened ??= openLog();
    return this.#opened;
  };

  /** The boxes of this host, in the order of their making. */
  get deployers(): readonly Deployer[] {
    return [...this.#deployers];
  }

  deployer(parameters: DeployerParameters): Deployer {
    const ownPorts = (): number[] => [...this.#admins].map(({ address }) => address.port);
    // Plugins are those of the first box.
    const {
      neighbourhood,
      modules = new Map(),
      tiers = new Map(),
    } = (this.#deployers.size === 0 && this.#plugins) || ({} as Partial<PluginHost>);
    const deployer = new Deployer(parameters, { log: this.#log(), ownPorts, neighbourhood, modules, tiers });
    this.#deployers.add(deployer);
    deployer.once('ready', () => {
      if (this.deployers[0] !== deployer) return;
      if (deployer.service) this.#metrics = new ServiceMetrics(deployer.service, this.#plugins?.neighbourhood);
      this.#beginPlugins(deployer).catch((error) => deployer.emit('failed', error));
    });
    return deployer;
  }

  async #beginPlugins({ service }: Deployer): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined); // told where it was opened
    if (!service) return;
    const port = admin && !isLoopback(admin.address.host) ? admin.address.port : undefined;
    await this.#plugins?.begin(service.facts(port), (envelope, from) => service.submit(envelope, from));
  }

  /** The boxes out there as they are known now, and this one. */
  get peers(): readonly Box[] {
    return this.#plugins?.neighbourhood.boxes ?? [];
  }

  /**
   * The boxes out there, as they come and go.
   * @param discovery  discoverers by name; null: those of the box on this host, else of its user
   */
  boxes({ discovery }: { readonly discovery: unknown }): BoxWatch {
    const own = this.#plugins?.neighbourhood;
    if (own && (discovery === null || discovery === undefined)) return new BoxWatch(Promise.resolve(own));
    let looking: PluginHost | undefined;
    const begin = async (): Promise<Neighbourhood> => {
      looking = await PluginHost.open(lookingSettings(discovery ?? undefined, process.env), this.#log);
      await looking.begin(undefined, noStatements);
      return looking.neighbourhood;
    };
    return new BoxWatch(begin(), async () => looking?.close());
  }

  /** Ends a box, or a watch; `ended` waits for it. */
  close(part: Deployer | BoxWatch): void {
    if (part instanceof Deployer) {
      if (this.deployers[0] === part) this.#metrics?.close();
      this.#deployers.delete(part);
    }
    this.#keep(part.close());
  }

  pusher(parameters: PushParameters): Pusher {
    return new Pusher(parameters, async () => this.deployers[0]?.keys());
  }

  /**
   * What the first box of this host shows over HTTP, at `HOST:PORT`.
   * @param names  by which it may be asked besides its addresses
   */
  admin(listen: string, names: readonly string[]): Promise<AdminServer> {
    const service = (): Service | undefined => this.deployers[0]?.service;
    let page: ServicePage | undefined;
    const box = (): ServicePage | undefined => {
      const opened = service();
      if (opened) page ??= new ServicePage(opened, () => this.peers);
      return opened && page;
    };
    const defect = (error: unknown): void => this.#log().error({ event: 'defect', err: error }, errorText(error));
    const feed = new Feed(box, defect);
    const metrics = (): ServiceMetrics | undefined => this.#metrics;
    const routes = adminRoutes(service, () => this.peers, { box, feed }, metrics, this.#reload);
    const closing = (): void => feed.close();
    this.#admin = AdminServer.open({ ...parseListen(listen, 'admin'), names, routes, defect, closing });
    return this.#admin;
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
    await this.#opened?.written?.();
  }
}

/** Called once in a host, when an accessor of `deployment/` first requires its module. */
export function createDeployment(): Deployment {
  return new Deployment();
}
