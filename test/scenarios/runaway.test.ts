import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Service } from '../../src/service.ts';
import { rejection } from '../support/rejection.ts';
import { alice, openBox, type TestBox } from '../support/service.ts';
import { commonFields, deployOf, sealed } from '../support/signed.ts';
import { within } from '../support/socket-client.ts';

const it = suite('a box with bad swarmlets');
let box: TestBox;
let sequence = 0;

it.before(async () => {
  box = await openBox({ tier: undefined, isolationMinimum: 'P1', limits: { restarts: 0 } });
});
it.after(() => box.close());

const deploy = (name: string, code: string, more: object = {}) => box.service.submit(sealed(deployOf(name, ++sequence, code, more), alice));
const undeploy = (name: string) =>
  box.service.submit(sealed({ action: 'undeploy', ...commonFields(), swarmlet: name, sequence: ++sequence }, alice));

/** The swarmlet's state once it is one of these. */
function state(service: Service, name: string, ...wanted: string[]): Promise<string> {
  const reached = new Promise<string>((resolve) => {
    const look = (): void => {
      const { state: now, reason } = service.status(name);
      if (!wanted.includes(now)) return;
      service.off('state', look);
      resolve(`${now} ${reason}`);
    };
    service.on('state', look);
    look();
  });
  return within(reached, `${name} ${wanted.join(' or ')}`);
}

function output(name: string, fits: (value: unknown) => boolean = () => true): Promise<unknown> {
  const came = new Promise<unknown>((resolve) => {
    const look = ({ swarmlet, value }: { readonly swarmlet: string; readonly value: unknown }): void => {
      if (swarmlet !== name || !fits(value)) return;
      box.service.off('output', look);
      resolve(value);
    };
    box.service.on('output', look);
  });
  return within(came, `an output of ${name}`);
}

const limits = { setupMs: 300, initializeMs: 300, reactionMs: 200, wrapupMs: 300 };
const CONTROL = `exports.setup = function () { this.output('tick'); };
exports.initialize = function () { var n = 0, self = this; setInterval(function () { self.send('tick', n++); }, 20); };`;

const startFailures: readonly (readonly [string, string, string, string, string])[] = [
  ['code that does not compile', 'exports.setup = function ( {', 'SETUP_FAILED', 'load', 'exception'],
  ['code that throws when it is loaded', 'throw new Error("load")', 'SETUP_FAILED', 'load', 'exception'],
  ['setup that throws', 'exports.setup = function () { throw new Error("no") };', 'SETUP_FAILED', 'setup', 'exception'],
  ['initialize that throws', 'exports.initialize = function () { throw new Error("no") };', 'SETUP_FAILED', 'initialize', 'exception'],
  ['an endless loop in setup', 'exports.setup = function () { for (;;); };', 'START_TIMEOUT', 'setup', 'setup-timeout'],
  ['an endless loop in initialize', 'exports.initialize = function () { for (;;); };', 'START_TIMEOUT', 'initialize', 'start-timeout'],
  ['a module that was not granted', "exports.setup = function () { require('http-client'); };", 'SETUP_FAILED', 'setup', 'exception'],
  ['a file of the box', "exports.setup = function () { require('/etc/hostname'); };", 'SETUP_FAILED', 'setup', 'exception'],
];
for (const [what, code, expected, phase, reason] of startFailures) {
  it(`answers ${expected} for ${what}`, async () => {
    const error = await rejection(deploy('bad', code, { limits }));
    const detail = error.detail as Record<string, unknown>;
    assert.equal([error.code, detail.phase, detail.reason], [expected, phase, reason]);
    assert.equal([box.service.status('bad').state, box.service.status('bad').reason], ['failed', reason]);
  });
}

const later = (code: string): string => `exports.setup = function () { this.output('out'); };
exports.initialize = function () { var self = this; setTimeout(function () { ${code} }, 10); };`;
const failures: readonly (readonly [string, string, string, object?])[] = [
  ['an endless loop', later('for (;;);'), 'reaction-timeout'],
  // On a slow machine it takes its time to grow.
  ['an array that grows', later('var a = []; for (;;) a.push(new Array(1000).fill(1.5));'), 'memory', { reactionMs: 1000 }],
  ['an end of its process', later("this.constructor.constructor('return process')().exit(0);"), 'exit'],
];
for (const [what, code, reason, more] of failures) {
  it(`ends a swarmlet with ${what}, and no other`, async () => {
    const ticks = output('control');
    await deploy('control', CONTROL);
    await ticks;
    await deploy('bad', code, { limits: { ...limits, ...more }, run: { restart: 'never' } });
    assert.is(await state(box.service, 'bad', 'failed'), `failed ${reason}`);
    const now = (await output('control')) as number;
    await output('control', (value) => value === now + 5);
  });
}

it('wraps up a swarmlet that does not want to end, by force', async () => {
  await deploy('stuck', 'exports.wrapup = function () { for (;;); };', { limits });
  const status = await undeploy('stuck');
  assert.equal([status.state, (status as { reason?: string }).reason], ['stopped', 'wrapup-timeout']);
});

it('keeps the old version, and its outputs, when the new one does not start', async () => {
  await deploy('control', CONTROL);
  await rejection(deploy('control', 'exports.initialize = function () { throw new Error("no") };', { limits }));
  await output('control');
  assert.is(box.service.status('control').state, 'running');
});

it('starts a swarmlet again that failed, as long as it is not a crash loop', async () => {
  const second = await openBox({ tier: undefined, isolationMinimum: 'P1', limits: { restarts: 2 }, supervisor: { backoffMs: 1 } });
  try {
    const states: string[] = [];
    second.service.on('state', ({ to, reason }) => states.push(reason === null ? to : `${to} ${reason}`));
    const code = later('throw new Error("again");').replace('setTimeout(function () {', 'setTimeout(function () { for (;;);');
    await second.service.submit(sealed(deployOf('loop', 1, code, { limits }), alice));
    await state(second.service, 'loop', 'failed');
    while (second.service.status('loop').reason !== 'crash-loop') await new Promise((resolve) => second.service.once('state', resolve));
    assert.is(states.filter((one) => one === 'running').length, 3);
    assert.is(states.at(-1), 'failed crash-loop');
  } finally {
    await second.close();
  }
});

it('leaves no process behind', async () => {
  const second = await openBox({ tier: undefined, isolationMinimum: 'P1' });
  await second.service.submit(sealed(deployOf('lamp', 1, CONTROL), alice));
  await second.close();
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const ours = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('isolate'));
  // Those of the other box: its control swarmlet, the stuck ones gone, and its spares.
  assert.ok(ours.length <= 5, `${ours.length} children`);
});

it.run();
