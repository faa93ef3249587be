/** A port as the header of an accessor tells it. */
export interface HeaderPort {
  readonly name: string;
  /** `any` if values are not converted. */
  readonly type: string;
  /** The default; absent: there is none. */
  readonly value?: unknown;
  readonly spontaneous?: true;
  /** Unit, range and the like; empty if there is nothing to say. */
  readonly note: string;
}

/** What the comment before `setup` tells of an accessor. */
export interface Header {
  readonly purpose: string;
  readonly inputs: readonly HeaderPort[];
  readonly outputs: readonly HeaderPort[];
  readonly parameters: readonly HeaderPort[];
  /** What it refuses and reports, beyond what every accessor does. */
  readonly errors: readonly string[];
  readonly example?: string;
}

/** In this order: what exports by name may hold the text of another accessor that assigns to `exports`. */
const setups = [/^export (?:function|const) setup\b/m, /^(?:module\.)?exports\.setup\s*=/m];

/**
 * Reads the header of an accessor from its source text, JavaScript or TypeScript: the comment that ends right before `setup`.
 * @returns undefined if there is none
 * @throws Error with the line of a port that is not `NAME TYPE[, default JSON][, spontaneous][; NOTE]`; a name with a space stands in quotes
 */
export function parseHeader(source: string): Header | undefined {
  const setup = setups.map((form) => source.search(form)).find((index) => index >= 0) ?? 0;
  const before = source.slice(0, setup).trimEnd();
  const start = before.lastIndexOf('/**');
  if (start < 0 || before.indexOf('*/', start) !== before.length - 2) return undefined;
  const [purpose = '', ...tags] = before
    .slice(start + 3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .split(/^\s*@(?=\w)/m);
  const of = (tag: string): string[] => tags.filter((text) => firstWord(text) === tag).map((text) => text.slice(tag.length));
  const ports = (tag: string): HeaderPort[] => of(tag).map((text) => port(oneLine(text)));
  const [example] = of('example');
  return {
    purpose: oneLine(purpose),
    inputs: ports('input'),
    outputs: ports('output'),
    parameters: ports('parameter'),
    errors: of('error').map(oneLine),
    ...(example !== undefined && { example: unindented(example) }),
  };
}

function firstWord(text: string): string {
  return text.split(/\s/, 1)[0] as string;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Without the empty lines around it, and without the indentation that all lines have. */
function unindented(text: string): string {
  const lines = text.replace(/^\s*\n|\s+$/g, '').split('\n');
  const indent = Math.min(...lines.filter((line) => line !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent)).join('\n');
}

function port(line: string): HeaderPort {
  const { quoted, bare, type, value, spontaneous, note } =
    /^(?:"(?<quoted>[^"]+)"|(?<bare>\S+)) (?<type>[^\s,;]+)(?:, default (?<value>.+?))?(?<spontaneous>, spontaneous)?(?:; (?<note>.+))?$/.exec(
      line,
    )?.groups ?? {};
  const name = quoted ?? bare;
  if (name === undefined || type === undefined)
    throw new Error(`The header says of a port: ${line}; expected: NAME TYPE, default JSON; NOTE`);
  return {
    name,
    type,
    ...(value !== undefined && { value: defaultOf(value, line) }),
    ...(spontaneous && { spontaneous: true as const }),
    note: note ?? '',
  };
}

function defaultOf(text: string, line: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The header says of a port: ${line}; the default should be JSON`, { cause });
  }
}
