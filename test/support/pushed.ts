import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { KeyPair } from '../../src/envelope/index.ts';
import type { Service } from '../../src/service.ts';
import { bounded } from './live.ts';
import { alice } from './service.ts';
import { deployOf, sealed } from './signed.ts';

/** A name on a box: what is pushed under it, and what its versions send on `out`. */
export class Pushed {
  readonly name: string;
  /** In the order of their coming. */
  readonly values: unknown[] = [];
  readonly #service: Service;
  #waiting: (() => void)[] = [];
  #live = false;
  static #sequence = 0;
  static #names = 0;

  /** @param ends  done when the test is over */
  constructor(service: Service, kind: string, ends: (() => unknown)[], name = `${kind}-${++Pushed.#names}`) {
    this.#service = service;
    this.name = name;
    const follow = (output: { readonly swarmlet: string; readonly value: unknown }): void => {
      if (output.swarmlet !== name) return;
      this.values.push(output.value);
      for (const look of this.#waiting.splice(0)) look();
    };
    service.on('output', follow);
    ends.push(async () => {
      await this.stop();
      service.off('output', follow);
    });
  }

  async push(code: string, more: object = {}, pair: KeyPair = alice): Promise<unknown> {
    Pushed.#sequence += 2; // the box signs `stop` with the one between
    const submitted = this.#service.submit(sealed(deployOf(this.name, Pushed.#sequence, code, more), pair));
    this.#live = true;
    return submitted;
  }

  async stop(): Promise<unknown> {
    if (!this.#live) return undefined;
    this.#live = false;
    return this.#service.command({ action: 'undeploy', swarmlet: this.name });
  }

  /** The first value that fits, also one that came before. */
  value(fits: (value: unknown) => boolean = () => true): Promise<unknown> {
    return bounded(
      new Promise((resolve) => {
        const look = (): void => {
          const found = this.values.find(fits);
          if (found !== undefined) resolve(found);
          else this.#waiting = [...this.#waiting, look];
        };
        look();
      }),
      `the output of ${this.name} (there are ${JSON.stringify(this.values)})`,
    );
  }
}

/** A port of loopback that nobody listens at now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
