import { errorText } from '../../hosts/common/index.ts';
import { errors } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { type Plugin, type PluginKind, type PluginOf, pluginKinds } from './plugin.ts';

/** One use of a plugin, as the configuration asks for it. */
export interface Configured<Kind extends PluginKind> {
  readonly plugin: PluginOf<Kind>;
  readonly options: unknown;
  /** Equal for equal plugin and options: what did not change keeps running. */
  readonly key: string;
  /** In messages and as the source of what it finds: the name, and with several of that name which. */
  readonly label: string;
}

/** The plugins that can be configured. Whoever owns it fills it; no import does. */
export class Registry {
  readonly #plugins = new Map<string, Plugin>();

  constructor(builtIn: readonly Plugin[] = []) {
    for (const plugin of builtIn) this.register(plugin, 'this package');
  }

  /**
   * @param candidate  what a package exports; looked at in full, since nobody else did
   * @param from       the package, for messages
   * @throws BAD_OPTION
   */
  register(candidate: unknown, from: string): void {
    const plugin = checked(candidate, from);
    const id = `${plugin.kind} ${plugin.name}`;
    if (this.#plugins.has(id)) throw errors.BAD_OPTION('plugins', `one ${id} only`, from);
    this.#plugins.set(id, plugin);
  }

  names(kind: PluginKind): string[] {
    return [...this.#plugins.values()].filter((plugin) => plugin.kind === kind).map(({ name }) => name);
  }

  /** @throws BAD_OPTION that says which there are */
  get<Kind extends PluginKind>(kind: Kind, name: string, place: string): PluginOf<Kind> {
    const found = this.#plugins.get(`${kind} ${name}`);
    if (found) return found as PluginOf<Kind>;
    const known = this.names(kind);
    const meant = nearest(name, known);
    throw errors.BAD_OPTION(place, meant ? `a plugin (did you mean ${meant}?)` : `one of ${known.join(', ')}, or of a package`, name);
  }

  /**
   * Reads one section of a configuration: names of plugins, each with its options or a list of options.
   * @param place  name of the section, for messages
   * @throws BAD_OPTION that names what is wrong with which
   */
  configure<Kind extends PluginKind>(kind: Kind, section: unknown, place: string): Configured<Kind>[] {
    if (section === undefined || section === null) return [];
    if (typeof section !== 'object' || Array.isArray(section))
      throw errors.BAD_OPTION(place, 'plugins by name, each with its options', section);
    return Object.entries(section).flatMap(([name, given]) => {
      const plugin = this.get(kind, name, place);
      const several = Array.isArray(given) ? given : [given];
      return several.map((raw, i): Configured<Kind> => {
        const label = several.length > 1 ? `${name}[${i}]` : name;
        return { plugin, options: parsed(plugin, raw ?? null, `${place}.${label}`), key: JSON.stringify([kind, name, raw ?? null]), label };
      });
    });
  }
}

function parsed(plugin: Plugin, raw: unknown, place: string): unknown {
  try {
    return plugin.parse(raw);
  } catch (error) {
    throw errors.BAD_OPTION(place, errorText(error), raw);
  }
}

function checked(candidate: unknown, from: string): Plugin {
  const { kind, name, parse, create, tier } = (candidate ?? {}) as Readonly<Record<string, unknown>>;
  if (!pluginKinds.includes(kind as PluginKind))
    throw errors.BAD_OPTION(`plugins: kind in ${from}`, `one of ${pluginKinds.join(', ')}`, kind);
  if (typeof name !== 'string' || !/^[a-z][a-z0-9._-]{0,63}$/.test(name)) {
    throw errors.BAD_OPTION(`plugins: name in ${from}`, '1 to 64 of a-z, 0-9, ".", "_", "-", a letter first', name);
  }
  if (typeof parse !== 'function') throw errors.BAD_OPTION(`plugins: ${name}.parse in ${from}`, 'a function', typeof parse);
  if (typeof create !== 'function') throw errors.BAD_OPTION(`plugins: ${name}.create in ${from}`, 'a function', typeof create);
  if (kind === 'isolation' && !['process', 'thread', 'inline'].includes(tier as string)) {
    throw errors.BAD_OPTION(`plugins: ${name}.tier in ${from}`, 'process, thread or inline', tier);
  }
  return candidate as Plugin;
}
