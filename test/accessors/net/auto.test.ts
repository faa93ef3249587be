import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../../hosts/node/index.ts';
import { printed } from '../../support/library.ts';
import { bounded, live } from '../../support/live.ts';

const it = suite('net/test/auto');
const swarmlets = ['net', 'services', 'utilities'].flatMap((folder) =>
  readdirSync(join(packageRoot, 'accessors', folder, 'test/auto')).map((file) => `${folder}/test/auto/${file.replace(/\.ts$/, '')}`),
);

for (const name of swarmlets) {
  it(`${name} ends by itself, all values right`, async () => {
    const { node } = live();
    const so = await printed(async () => {
      const swarmlet = node.instantiate('swarmlet', name);
      const over = new Promise<readonly unknown[]>((resolve) => {
        node.host.events.on('wrappedUp', (accessor, errors) => {
          if (accessor === swarmlet) resolve(errors);
        });
      });
      swarmlet.initialize();
      assert.equal([...(await bounded(over, `the end of ${name}`))], []);
    });
    assert.equal(so.err, []);
  });
}

it.run();
