import { errors } from '../errors.ts';
import type { Peer } from './peer.ts';
import { notificationText } from './rpc.ts';

/** What of a swarmlet a caller is told. */
export interface Watch {
  /** All outputs, or those of these names. */
  readonly outputs: true | ReadonlySet<string> | undefined;
  readonly states: boolean;
}

/** Parameters of a notification, with whatever else it tells. */
interface About {
  readonly swarmlet: string;
}

interface Watcher {
  watch: Watch;
  logs: boolean;
}

const nothing: Watch = { outputs: undefined, states: false };

/** Who is told what: by the name of the swarmlet, which need not exist, and over its versions. */
export class Subscriptions {
  readonly #limit: number;
  readonly #bySwarmlet = new Map<string, Map<Peer, Watcher>>();
  readonly #byPeer = new Map<Peer, Set<string>>();

  /** @param limit  swarmlets that one caller may watch */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws QUOTA_EXCEEDED */
  watch(peer: Peer, swarmlet: string, watch: Watch): void {
    this.#watcher(peer, swarmlet).watch = watch;
  }

  /** @throws QUOTA_EXCEEDED */
  follow(peer: Peer, swarmlet: string): void {
    this.#watcher(peer, swarmlet).logs = true;
  }

  #watcher(peer: Peer, swarmlet: string): Watcher {
    const names = this.#byPeer.get(peer) ?? new Set();
    if (!names.has(swarmlet) && names.size >= this.#limit) {
      throw errors.QUOTA_EXCEEDED('watched swarmlets of one connection', this.#limit);
    }
    this.#byPeer.set(peer, names.add(swarmlet));
    const watchers = this.#bySwarmlet.get(swarmlet) ?? new Map<Peer, Watcher>();
    this.#bySwarmlet.set(swarmlet, watchers);
    const watcher = watchers.get(peer) ?? { watch: nothing, logs: false };
    watchers.set(peer, watcher);
    return watcher;
  }

  unwatch(peer: Peer, swarmlet: string): void {
    const watchers = this.#bySwarmlet.get(swarmlet);
    watchers?.delete(peer);
    if (watchers?.size === 0) this.#bySwarmlet.delete(swarmlet);
    this.#byPeer.get(peer)?.delete(swarmlet);
  }

  /** The connection is gone. */
  leave(peer: Peer): void {
    for (const swarmlet of this.#byPeer.get(peer) ?? []) this.unwatch(peer, swarmlet);
    this.#byPeer.delete(peer);
  }

  state(params: About): void {
    this.#tell('state', params, (watcher) => watcher.watch.states);
  }

  output(params: About & { readonly port: string }): void {
    this.#tell('output', params, ({ watch }) => watch.outputs === true || (watch.outputs?.has(params.port) ?? false));
  }

  log(params: About): void {
    this.#tell('log', params, (watcher) => watcher.logs);
  }

  #tell(method: string, params: About, wants: (watcher: Watcher) => boolean): void {
    const watchers = this.#bySwarmlet.get(params.swarmlet);
    if (!watchers) return;
    let text: string | undefined; // made once for all, and not at all for nobody
    for (const [peer, watcher] of watchers) {
      if (!wants(watcher)) continue;
      text ??= notificationText(method, params);
      peer.notify(text);
    }
  }
}
