import { AccessorApi, type Bindings, type Host, type Source } from '../common/index.ts';

/** What a class shows without being run: its ports, the modules it requires, the classes it instantiates. */
export interface Interface {
  readonly accessor: AccessorApi;
  /** Names given to `require` by this and all inner accessors, in order, each once. */
  readonly modules: string[];
  /** Classes instantiated, each once. */
  readonly subAccessors: string[];
}

/**
 * Instantiates a class for inspection (spec section 20): a module that is missing is an empty object, contained accessors
 * are made the same way and are not contained, and nothing is kept.
 */
export function instantiateInterface(host: Host, require: (name: string) => unknown, name: string, accessorClass: string): Interface {
  const modules = new Set<string>();
  const subAccessors = new Set<string>();
  const make = (made: string, asked: string | undefined, source: Source): AccessorApi =>
    new AccessorApi(host, { name: made, class: asked, source, bindings });
  const bindings: Bindings = {
    require: (asked: string) => {
      modules.add(asked);
      try {
        return require(asked);
      } catch {
        return {}; // missing here, which says nothing of where the accessor will run
      }
    },
    instantiate(this: AccessorApi, inner: string, asked: string): AccessorApi {
      subAccessors.add(asked);
      return make(`${this.accessorName}.${inner}`, asked, host.load(asked, this.scope.source));
    },
    instantiateFromCode(this: AccessorApi, inner: string, code: string): AccessorApi {
      return make(`${this.accessorName}.${inner}`, undefined, { code, file: undefined, from: this.scope.source });
    },
    getResource: () => '',
  };
  const accessor = make(name, accessorClass, host.load(accessorClass, undefined));
  return { accessor, modules: [...modules], subAccessors: [...subAccessors] };
}
