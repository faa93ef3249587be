import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi, PortOptions } from '../../hosts/common/index.ts';
import { type HeaderPort, libraryReference, parseHeader } from '../../src/reference/index.ts';
import { type CatalogueEntry, catalogue, classes, library, type PortEntry, sourceOf } from '../support/library.ts';

const kinds = { input: 'inputs', output: 'outputs', parameter: 'parameters' } as const;
type Kind = keyof typeof kinds;

const it = suite('library');
const { node } = library();

/** Ports in the order of declaration; the output `error`, which every accessor gets, is left out. */
function ports(accessor: AccessorApi, kind: Kind): [string, PortOptions][] {
  return Object.entries(accessor[kinds[kind]]).filter(([name]) => kind !== 'output' || name !== 'error');
}

function entries(accessor: AccessorApi, kind: Kind): PortEntry[] {
  return ports(accessor, kind).map(([name, options]) => ({ ...options, name }));
}

/** Without the names of the cameras of a machine. */
function anywhere(entry: PortEntry): PortEntry {
  const { options: _, ...rest } = entry as PortEntry & { options?: unknown };
  return entry.name === 'camera' ? rest : entry;
}

/** As the header tells it, without the remark. */
function told({ name, type, value, spontaneous }: Omit<HeaderPort, 'note'>): Omit<HeaderPort, 'note'> {
  return { name, type, ...(value !== undefined && { value }), ...(spontaneous && { spontaneous }) };
}

const withServer = ['querystring', '@accessors-modules/http-client', '@accessors-modules/http-server', 'util'];

/** Those that require other modules than the catalogue says. */
const ownModules: Record<string, readonly string[]> = {
  'net/test/auto/TCPSocketUnsignedShortSimple': ['@accessors-modules/socket', 'util'], // as net/TCPSocketServer in it
  'grpc/Greeter': ['grpc'], // which says what it needs of protocol buffers
  'grpc/greeterTest': ['grpc', 'util', '@accessors-modules/text-display'],
  'localization/mapRepo': [], // keeps its list itself
  ...Object.fromEntries(
    // Their servers, which were public ones, are in them.
    ['Composite', 'Get', 'GetCompleteResponseOnly', 'Post', 'Put', 'StringURL'].map((name) => [`net/test/auto/REST${name}`, withServer]),
  ),
  'services/test/auto/GeoCoderWeather': withServer,
  'signals/FFT': [], // transforms by itself
  'test/MochaTest': [], // has nothing to run tests with
};

for (const accessorClass of classes()) {
  it(`the header of ${accessorClass} says what setup declares`, () => {
    const { accessor } = node.instantiateInterface('it', accessorClass);
    const header = parseHeader(sourceOf(accessorClass));
    assert.ok(header?.purpose);
    for (const kind of Object.keys(kinds) as Kind[]) {
      const declared = ports(accessor, kind).map(([name, { type = 'any', value, spontaneous }]) =>
        told({ name, type, value, ...(spontaneous && { spontaneous }) }),
      );
      assert.equal(header[kinds[kind]].map(told), declared, `${kind}s`);
    }
  });
}

it('the index that the build wrote has every accessor', () => {
  assert.equal(
    libraryReference().map((reference) => reference.class),
    classes(),
  );
});

function compare(entry: CatalogueEntry): void {
  const { accessor, modules, subAccessors } = node.instantiateInterface('it', entry.class);
  for (const kind of Object.keys(kinds) as Kind[]) {
    assert.equal(entries(accessor, kind).map(anywhere), entry[kinds[kind]].map(anywhere), `${kind}s`);
  }
  assert.is(accessor.isMutable, entry.mutable ?? false, 'mutable');
  assert.is(accessor.extending?.accessorClass ?? null, entry.extends, 'extends');
  const interfaces = accessor.implementedInterfaces.map((implemented) => implemented.accessorClass);
  assert.equal(interfaces, entry.implements, 'implements');
  assert.equal([...subAccessors].sort(), [...(entry.contains ?? [])].sort(), 'contains');
  assert.equal([...modules].sort(), [...(ownModules[entry.class] ?? entry.modules)].sort(), 'modules');
  const own = Object.keys(accessor.exports).filter((name) => typeof accessor.exports[name] === 'function');
  for (const name of entry.functions) assert.ok(own.includes(name), `exports no function ${name}`);
}

const specified = catalogue();
if (specified) {
  for (const entry of specified.filter(({ kind }) => kind !== 'dead')) {
    it(`${entry.class} has the interface of the catalogue`, () => compare(entry));
  }
} else {
  console.log('skipped: the interfaces of the catalogue: there is no ../shared/spec');
  it.skip('accessors have the interface of the catalogue (skipped: there is no ../shared/spec)', () => {});
}

it.run();
