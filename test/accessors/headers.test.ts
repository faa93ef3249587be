import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AccessorApi, Host, type Source, WallClock } from '../../hosts/common/index.ts';
import { compile, EdgeScope, Modules, nodeModules, nodePlatform, pureModules } from '../../hosts/node/index.ts';
import { deploymentModule } from '../../src/module.ts';
import { type Header, parseHeader } from '../../src/reference/index.ts';
import { classes, library, printed, sourceOf } from '../support/library.ts';
import { silentEdge } from '../support/silent-edge.ts';

const it = suite('headers');
const { node } = library();

/** Stands for what an example does not make itself: anything that sends values or takes them. */
const standIn = "exports.setup = function () { this.input('input'); this.output('output'); };";

function headerOf(accessorClass: string): Header {
  const header = parseHeader(sourceOf(accessorClass));
  assert.ok(header, accessorClass);
  return header;
}

/** A host that nothing answers. */
function silentHost(): Host {
  const host: Host = new Host({
    clock: new WallClock(nodePlatform),
    load: node.host.load,
    compile,
    bindings: (_source: Source) => {
      const scope = new EdgeScope(
        () => silentEdge,
        host.clock,
        (run) => host.timers.request({ run }),
      );
      host.events.on('wrappedUp', () => scope.close());
      const modules = new Modules(
        [...pureModules, ...nodeModules, deploymentModule],
        (name) => assert.unreachable(`requires ${name}`),
        scope,
      );
      return { require: modules.require, getResource: () => '', getTopLevelAccessors: () => [] };
    },
  });
  return host;
}

/** What an example connects without having made it. */
function strangers(example: string): string[] {
  const made = new Set([...example.matchAll(/\bconst (\w+) =/g)].map(([, name]) => name));
  const connected = [...example.matchAll(/connect\(([a-z]\w*), '[^']+'(?:, ([a-z]\w*))?/g)].flatMap(([, from, to]) => [from, to]);
  return [...new Set(connected)].filter((name): name is string => name !== undefined && !made.has(name));
}

function swarmletOf(example: string): AccessorApi {
  const made = strangers(example).map((name) => `const ${name} = this.instantiateFromCode('${name}', ${JSON.stringify(standIn)});`);
  const code = `exports.setup = function () {\n${made.join('\n')}\n${example}\n};`;
  return silentHost().instantiateFromCode('example', code);
}

for (const accessorClass of classes()) {
  const header = headerOf(accessorClass);
  const hasPorts = header.inputs.length + header.outputs.length + header.parameters.length > 0;
  if (!hasPorts && header.example === undefined) continue; // a swarmlet is its own example
  it(`${accessorClass}: the header tells errors, and has an example that uses it`, () => {
    assert.match(header.purpose, /\.$/);
    assert.ok(header.errors.length > 0, 'no @error; write none if there is none');
    const extended = header.example?.includes('// extends this one');
    assert.ok(extended || header.example?.includes(`'${accessorClass}'`), 'no @example that instantiates it');
  });
  it(`${accessorClass}: the example runs`, async () => {
    const throws = header.errors.some((error) => /^initialize (throws: |throws, as )/.test(error));
    await printed(() => {
      const swarmlet = swarmletOf(header.example as string);
      if (accessorClass.startsWith('deployment/')) return; // would make a box here
      if (throws) assert.throws(() => swarmlet.initialize());
      else swarmlet.initialize();
      try {
        swarmlet.wrapup();
      } catch (error) {
        assert.match((error as Error).message, /input handler of this accessor was never invoked/); // test/TrainableTest
      }
    });
  });
}

it.run();
