import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BoxIdentity } from '../../src/identity/index.ts';
import { folderWith } from '../support/folder.ts';
import { root, run } from '../support/run.ts';
import { alice } from '../support/service.ts';
import { deployOf, sealed, trustLine } from '../support/signed.ts';

const it = suite('a Deployer under node invoke.js');

/** What `invoke.js` of an author is, with the package's entry by its path. */
const INVOKE = `require(${JSON.stringify(join(root, 'dist/index.cjs'))});invoke(process.argv);`;
const HELLO = "exports.setup = function () { this.output('out'); }; exports.initialize = function () { this.send('out', 'hello'); };";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A swarmlet with a Deployer that stops when something it deployed has sent a value. */
const swarmlet = (parameters: object, more = '', initialize = ''): string => `
exports.setup = function () {
  this.box = this.instantiate('box', 'deployment/Deployer');
  var parameters = ${JSON.stringify(parameters)};
  for (var name in parameters) this.box.setParameter(name, parameters[name]);
  this.box.on('output', function (port, value) {
    if (port === 'error' || port === 'rejected') console.log(port, JSON.stringify(value));
    if (port !== 'output') return;
    console.log(value.swarmlet + ' sent ' + value.value);
    this.stop();
  }.bind(this));
  ${more}
};
exports.initialize = function () { ${initialize} };`;

it('runs a signed statement that came by its input, and wraps it up with the swarmlet around it', async () => {
  const folder = folderWith({ 'invoke.js': INVOKE, trusted_keys: trustLine('alice@lab', alice) });
  const envelope = JSON.stringify(sealed(deployOf('greeter', 1, HELLO), alice));
  const code = swarmlet(
    { isolation: 'P1', trustedKeys: join(folder.path, 'trusted_keys') },
    '',
    `this.box.provideInput('envelope', ${envelope});`,
  );
  const files = folderWith({ 'Box.js': code });
  try {
    const { code: status, stdout, stderr } = await run(process.execPath, [join(folder.path, 'invoke.js'), join(files.path, 'Box.js')]);
    assert.match(stdout, 'greeter sent hello', stderr);
    assert.is(status, 0);
    const events = stderr.split('\n').filter((line) => line.startsWith('{'));
    assert.equal(
      events.map((line) => JSON.parse(line) as { event: string; to?: string }).map(({ event, to }) => to ?? event),
      ['accepted', 'starting', 'running', 'executed', 'stopping', 'stopped'],
    );
  } finally {
    folder.remove();
    files.remove();
  }
});

it('wraps up what it runs when it is asked to end, and ends at once when it is asked again', async () => {
  const endless = `${HELLO} exports.wrapup = function () { while (true); };`;
  const folder = folderWith({ 'invoke.js': INVOKE, trusted_keys: trustLine('alice@lab', alice) });
  const parameters = { isolation: 'P1', trustedKeys: join(folder.path, 'trusted_keys') };
  const envelope = JSON.stringify(sealed(deployOf('greeter', 1, endless), alice));
  const code = swarmlet(parameters, '', `this.box.provideInput('envelope', ${envelope});`).replace('this.stop();', '');
  const files = folderWith({ 'Box.js': code });
  const child = spawn(process.execPath, [join(folder.path, 'invoke.js'), join(files.path, 'Box.js')]);
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  try {
    const states: string[] = [];
    const ended = once(child, 'close');
    for await (const line of createInterface(child.stderr)) {
      const { event, to } = line.startsWith('{') ? (JSON.parse(line) as { event?: string; to?: string }) : {};
      if (to) states.push(to);
      if (event === 'executed' || to === 'stopping') child.kill('SIGTERM');
    }
    assert.equal(await ended, [143, null]);
    assert.equal(states, ['starting', 'running', 'stopping']);
  } finally {
    clearTimeout(limit);
    for (const one of [folder, files]) one.remove();
  }
});

it('listens, and takes what a Push in the same swarmlet sends it', async () => {
  const folder = folderWith({ 'invoke.js': INVOKE });
  const trusted = folderWith({ trusted_keys: trustLine('box:self', BoxIdentity.open(folder.path).keys), 'Hello.js': HELLO });
  const listen = `127.0.0.1:${await freePort()}`;
  const parameters = { listen, isolation: 'P1', state: folder.path, trustedKeys: join(trusted.path, 'trusted_keys') };
  const code = swarmlet(
    parameters,
    "this.push = this.instantiate('push', 'deployment/Push'); this.push.on('output', function (port, value) { if (port === 'error') console.log(value); });",
    `this.push.provideInput('box', 'ws://${listen}'); this.push.provideInput('swarmlet', ${JSON.stringify(join(trusted.path, 'Hello.js'))});`,
  );
  const files = folderWith({ 'Box.js': code });
  try {
    const { code: status, stdout, stderr } = await run(process.execPath, [join(folder.path, 'invoke.js'), join(files.path, 'Box.js')]);
    assert.match(stdout, 'hello sent hello', `${stdout}${stderr}`);
    assert.is(status, 0);
  } finally {
    for (const one of [folder, trusted, files]) one.remove();
  }
});

it.run();
