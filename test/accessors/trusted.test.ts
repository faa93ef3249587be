import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MonitorReport } from '../../hosts/common/index.ts';
import { library, printed, react, sent } from '../support/library.ts';

const it = suite('AccessorStatus');

it('query sends name, class and state of each top-level accessor', async () => {
  const { node, run } = library();
  node.instantiate('idle', 'test/TestGain');
  const status = run('trusted/AccessorStatus');
  assert.equal(react(status, { query: true }), {
    status: [
      { accessorName: 'idle', accessorClass: 'test/TestGain', initialized: false },
      { accessorName: 'AccessorStatus', accessorClass: 'trusted/AccessorStatus', initialized: true },
    ],
  });
});

it('sends the monitors of the top-level accessors every interval', async () => {
  const { clock, run } = library();
  run('test/TestCompositeSpontaneous');
  const status = run('trusted/AccessorStatus', { monitoringInterval: 2000 });
  const outputs = sent(status);
  await clock.advance(5900);
  assert.equal(
    outputs.map(([name]) => name),
    ['monitor', 'monitor'],
  );
  const [early, late] = outputs.map(([, value]) => (value as MonitorReport[])[0]);
  assert.is(early?.accessorName, 'TestCompositeSpontaneous');
  assert.is(early?.containedAccessors, undefined);
  assert.is(early?.react.count, 2, 'what was sent does not change any more');
  assert.is(late?.react.count, 4);
});

it('monitors contained accessors too if it is told to', async () => {
  const { clock, run } = library();
  run('test/TestCompositeSpontaneous');
  const outputs = sent(run('trusted/AccessorStatus', { deepMonitoring: true }));
  await clock.advance(1000);
  const [report] = (outputs[0]?.[1] ?? []) as MonitorReport[];
  assert.equal(
    report?.containedAccessors?.map((inner) => inner.accessorName),
    ['TestCompositeSpontaneous.TestSpontaneous', 'TestCompositeSpontaneous.TestGain'],
  );
});

it('does not monitor with an interval of 0', async () => {
  const { clock, run } = library();
  const status = run('trusted/AccessorStatus', { monitoringInterval: 0 });
  const outputs = sent(status);
  await clock.advance(5000);
  assert.equal(outputs, []);
  assert.is(status.monitoring, false);
  assert.equal((await printed(() => status.wrapup())).out, []);
});

it('wrapup prints the final monitors and stops monitoring', async () => {
  const { clock, run } = library();
  const gain = run('test/TestGain');
  const status = run('trusted/AccessorStatus');
  await clock.advance(1000);
  assert.is(gain.monitoring, true);
  const { out } = await printed(() => status.wrapup());
  assert.match(out[0] ?? '', /accessorName: 'TestGain'/);
  assert.match(out[1] ?? '', /accessorName: 'AccessorStatus'/);
  assert.is(gain.monitoring, false);
});

it('may be contained', () => {
  const { node } = library();
  const code = `exports.setup = function () {
    this.input('query'); this.output('status');
    const status = this.instantiate('status', 'trusted/AccessorStatus');
    this.connect('query', status, 'query'); this.connect(status, 'status', 'status');
  };`;
  const composite = node.host.instantiateFromCode('top', code);
  composite.initialize();
  const { status } = react(composite, { query: true });
  assert.equal(status, [{ accessorName: 'top', accessorClass: undefined, initialized: true }]);
  composite.wrapup();
});

it('is refused where the host trusts no accessor', () => {
  const { node } = library();
  node.allowTrustedAccessors(false);
  const status = node.instantiate('status', 'trusted/AccessorStatus');
  status.setParameter('monitoringInterval', 0);
  status.initialize();
  status.provideInput('query', true);
  assert.throws(() => status.react(), /not permitted/);
});

it.run();
