import { parseArgs } from 'node:util';
import { nearest } from '../nearest.ts';
import { usageError } from './exit.ts';

/** An option of a command; `value` is what its value is called in the help, none: a flag. */
export interface OptionSpec {
  readonly value?: string;
  readonly multiple?: true;
  readonly short?: string;
  readonly help: string;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** How many words a command takes besides its options. */
export interface Words {
  readonly names: readonly string[];
  /** The first so many must be there. */
  readonly required: number;
  /** The last one may be given any number of times. */
  readonly rest?: true;
}

/** A command line that was understood. */
export class Arguments {
  readonly words: readonly string[];
  readonly #specs: OptionSpecs;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(words: readonly string[], specs: OptionSpecs, values: ReadonlyMap<string, readonly string[]>) {
    this.words = words;
    this.#specs = specs;
    this.#values = values;
  }

  /** True if the command knows this option. */
  has(name: string): boolean {
    return Object.hasOwn(this.#specs, name);
  }

  flag(name: string): boolean {
    return this.#given(name).length > 0;
  }

  /** The last one given. */
  text(name: string): string | undefined {
    return this.#given(name).at(-1);
  }

  texts(name: string): readonly string[] {
    return this.#given(name);
  }

  /** One of a few texts. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const given = this.text(name);
    const found = choices.find((choice) => choice === given);
    if (given !== undefined && found === undefined) throw usageError(`--${name} takes ${choices.join(', ')}; got '${given}'`);
    return found;
  }

  #given(name: string): readonly string[] {
    if (!this.has(name)) throw new Error(`The command has no option --${name}`);
    return this.#values.get(name) ?? [];
  }
}

/**
 * Reads the arguments of one command.
 * @throws CodedError USAGE that names the argument and what was probably meant
 */
export function readArguments(command: string, argv: readonly string[], specs: OptionSpecs, words: Words): Arguments {
  const { tokens } = parseArgs({ args: [...argv], options: parseOptions(specs), strict: false, allowPositionals: true, tokens: true });
  const given: string[] = [];
  const values = new Map<string, string[]>();
  const negative = new Set<number>();
  for (const token of tokens) {
    if (token.kind === 'positional') given.push(token.value);
    if (token.kind !== 'option' || negative.has(token.index)) continue;
    const raw = argv[token.index] as string;
    if (/^-\.?\d/.test(raw)) {
      negative.add(token.index); // a number, of which the parser made a group of short options
      given.push(raw);
      continue;
    }
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (!spec)
      throw usageError(
        `${command} has no option ${token.rawName}${meant(token.rawName, Object.keys(specs))}. See: accessors ${command} --help`,
      );
    values.set(token.name, [...(values.get(token.name) ?? []), optionValue(token, spec)]);
  }
  countWords(command, given, words);
  return new Arguments(given, specs, values);
}

function parseOptions(specs: OptionSpecs): Record<string, { type: 'string' | 'boolean'; multiple: true; short?: string }> {
  const entries = Object.entries(specs).map(([name, { value, short }]) => {
    const type = value === undefined ? ('boolean' as const) : ('string' as const);
    return [name, { type, multiple: true as const, ...(short && { short }) }] as const;
  });
  return Object.fromEntries(entries);
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function optionValue({ rawName, value, inlineValue }: OptionToken, spec: OptionSpec): string {
  if (spec.value === undefined) {
    if (inlineValue) throw usageError(`${rawName} takes no value, got '${value}'`);
    return '';
  }
  const swallowed = !inlineValue && value !== undefined && /^--?[a-z]/.test(value); // the next option, its own value was forgotten
  if (value === undefined || swallowed) throw usageError(`${rawName} needs a value: ${rawName} ${spec.value}`);
  return value;
}

function countWords(command: string, given: readonly string[], { names, required, rest }: Words): void {
  const missing = names[given.length];
  if (given.length < required) throw usageError(`${command} needs ${missing}. See: accessors ${command} --help`);
  const extra = given[names.length];
  if (extra !== undefined && !rest) throw usageError(`${command} takes no '${extra}' here. See: accessors ${command} --help`);
}

/** ` (did you mean X?)` if something known is close. */
export function meant(typed: string, known: readonly string[]): string {
  const near = nearest(typed.replace(/^-+/, ''), known);
  return near === undefined ? '' : ` (did you mean ${typed.startsWith('-') ? '--' : ''}${near}?)`;
}
