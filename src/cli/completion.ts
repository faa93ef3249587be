import type { OptionSpecs } from './arguments.ts';
import { commands } from './catalog.ts';
import type { Action } from './command.ts';
import { exit, usageError } from './exit.ts';

/** What can be typed behind `accessors`, for a generator. */
interface Typed {
  /** One word, or two. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly options: OptionSpecs;
}

type Shell = 'bash' | 'zsh' | 'fish';

export const completion: Action = async (args, io) => {
  const shell = args.words[0] as string;
  if (!Object.hasOwn(generators, shell)) throw usageError(`completion takes bash, zsh or fish; got '${shell}'`);
  const typed = commands.map(({ name, summary, options }) => ({ words: name.split(' '), summary, options }));
  io.print(generators[shell as Shell](typed));
  return exit.done;
};

const generators: Record<Shell, (typed: readonly Typed[]) => string> = { bash, zsh, fish };

/** First words, each once, and of those with a second word what that may be. */
function firsts(typed: readonly Typed[]): [first: string, summary: string, seconds: readonly Typed[]][] {
  const names = [...new Set(typed.map(({ words }) => words[0] as string))];
  return names.map((name) => {
    const seconds = typed.filter(({ words }) => words[0] === name && words.length > 1);
    const own = typed.find(({ words }) => words[0] === name && words.length === 1);
    return [name, own?.summary ?? seconds.map(({ words }) => words[1]).join(', '), seconds];
  });
}

/** Those of two words first: a pattern for one word fits them too. */
function longestFirst(typed: readonly Typed[]): Typed[] {
  return [...typed].sort((a, b) => b.words.length - a.words.length);
}

const flags = (options: OptionSpecs): string[] => Object.keys(options).map((name) => `--${name}`);

// ------------------------------------------------------------------------------------------------ bash

function bash(typed: readonly Typed[]): string {
  const all = firsts(typed);
  return [
    '# accessors completion bash > /etc/bash_completion.d/accessors, or: eval "$(accessors completion bash)"',
    '_accessors() {',
    `  local cur=\${COMP_WORDS[COMP_CWORD]} options= seconds=`,
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W '${all.map(([name]) => name).join(' ')}' -- "$cur"))`,
    '    return',
    '  fi',
    `  case "\${COMP_WORDS[1]}" in`,
    ...all.flatMap(([name, , seconds]) =>
      seconds.length === 0 ? [] : [`    ${name}) seconds='${seconds.map(({ words }) => words[1]).join(' ')}' ;;`],
    ),
    '  esac',
    `  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in`,
    ...longestFirst(typed).map(
      ({ words, options }) => `    '${words.join(' ')}'${words.length > 1 ? '' : "' '*"}) options='${flags(options).join(' ')}' ;;`,
    ),
    '  esac',
    '  if [ "$COMP_CWORD" -eq 2 ] && [ -n "$seconds" ]; then options="$seconds $options"; fi',
    '  COMPREPLY=($(compgen -W "$options" -- "$cur"))',
    '  case "$cur" in -*) ;; *) [ -n "$seconds" ] && [ "$COMP_CWORD" -eq 2 ] || COMPREPLY=($(compgen -f -- "$cur")) ;; esac',
    '}',
    'complete -o filenames -F _accessors accessors',
  ].join('\n');
}

// ------------------------------------------------------------------------------------------------- zsh

function zsh(typed: readonly Typed[]): string {
  const described = (name: string, text: string): string => `'${name}:${quoted(text)}'`;
  const all = firsts(typed);
  return [
    '#compdef accessors',
    '# accessors completion zsh > "$fpath[1]/_accessors", or: eval "$(accessors completion zsh)" behind compinit',
    '_accessors() {',
    '  local -a names',
    '  if (( CURRENT == 2 )); then',
    `    names=(${all.map(([name, text]) => described(name, text)).join(' ')})`,
    '    _describe command names; return',
    '  fi',
    '  if (( CURRENT == 3 )); then',
    '    case "$words[2]" in',
    ...all.flatMap(([name, , seconds]) =>
      seconds.length === 0
        ? []
        : [
            `      ${name}) names=(${seconds.map(({ words, summary }) => described(words[1] as string, summary)).join(' ')}); _describe command names; return ;;`,
          ],
    ),
    '    esac',
    '  fi',
    '  case "$words[2] $words[3]" in',
    ...longestFirst(typed).map(({ words, options }) => {
      const specs = Object.entries(options).map(([name, { value, multiple, help }]) => {
        const taken = value === undefined ? '' : `:${bracketed(value)}:_files`;
        return `'${multiple ? '*' : ''}--${name}[${bracketed(help)}]${taken}'`;
      });
      return `    '${words.join(' ')}'${words.length > 1 ? '' : "' '*"}) _arguments ${specs.join(' ')} '*:file:_files' ;;`;
    }),
    '  esac',
    '}',
    'if [ "$funcstack[1]" = _accessors ]; then _accessors "$@"; else compdef _accessors accessors; fi',
  ].join('\n');
}

/** Within single quotes. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''");
}

/** The same, where brackets and colons mean something. */
function bracketed(text: string): string {
  return quoted(text.replace(/[\\[\]:]/g, (sign) => `\\${sign}`));
}

// ------------------------------------------------------------------------------------------------ fish

function fish(typed: readonly Typed[]): string {
  const all = firsts(typed);
  const line = (condition: string, rest: string): string => `complete -c accessors -n '${condition}' ${rest}`;
  const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return [
    '# accessors completion fish > ~/.config/fish/completions/accessors.fish',
    ...all.map(([name, summary]) => line('__fish_use_subcommand', `-f -a ${name} -d ${text(summary)}`)),
    ...all.flatMap(([name, , seconds]) => {
      const known = seconds.map(({ words }) => words[1]).join(' ');
      const condition = `__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${known}`;
      return seconds.map(({ words, summary }) => line(condition, `-f -a ${words[1]} -d ${text(summary)}`));
    }),
    ...typed.flatMap(({ words, options }) => {
      const condition = words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
      return Object.entries(options).map(([name, { value, short, help }]) =>
        line(condition, `${short ? `-s ${short} ` : ''}-l ${name} ${value === undefined ? '' : '-r '}-d ${text(help)}`),
      );
    }),
  ].join('\n');
}
