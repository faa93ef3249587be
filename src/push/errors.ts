import { CodedError } from '../../hosts/common/index.ts';

const table = {
  NO_ACCESSOR: (file: string) => `${file} is no accessor: it exports none of setup, initialize, fire and wrapup.`,
  NAME_CLASH: (name: string, one: string, other: string) =>
    `Both ${one} and ${other} would travel as ${name}: rename one of them, or ask for it by another name.`,
  OUTSIDE_NAME: (asked: string, from: string) =>
    `${from} asks for ${asked}, and on a box nothing lies above or outside the swarmlet's folder: put the file below that of the swarmlet and ask for ./NAME.`,
  MISSING_CAPABILITY: (main: string, modules: readonly string[]) =>
    `${main} requires ${modules.join(', ')}, which a box gives only if asked: add ${modules.map((name) => `--capability ${name}`).join(' ')}.`,
  NOT_PURE: (main: string, name: string, why: string) =>
    `${main} requires ${name}, which no swarmlet can have on a box: ${why}. Use a module of boxes, or a package in plain JavaScript.`,
  NOT_BUNDLED: (main: string, name: string, why: string) => `${main} requires ${name}, which cannot be bundled: ${why}`,
  NOT_CARRIED: (file: string, why: string) => `${file} cannot travel with the swarmlet: ${why}.`,
  SYNTAX: (message: string) => message,
  /** @param after  what did not happen therefore */
  SETUP_FAILED: (main: string, why: string, after = ' Nothing was sent.') => `${main} cannot be set up: ${why.replace(/\.$/, '')}.${after}`,
  START_TIMEOUT: (main: string, ms: number, after = ' Nothing was sent.') =>
    `Setup of ${main} did not return within ${ms} ms here.${after}`,
  ENDED_EARLY: (swarmlet: string, state: string, reason: string | undefined) =>
    `${swarmlet} was accepted, but is ${state}${reason ? ` (${reason})` : ''}. See: accessors logs ${swarmlet}`,
  BAD_NAME: (name: string) =>
    `'${name}' cannot name a swarmlet: use 1 to 64 of a-z, 0-9, '.', '_', '-', a letter or digit first, and give it with --name.`,
};
type Table = typeof table;

/** What stops a push, mostly before anything is sent. */
export const pushErrors = Object.fromEntries(
  Object.entries(table).map(([code, text]) => [
    code,
    (...args: never[]) => new CodedError(code, (text as (...a: never[]) => string)(...args)),
  ]),
) as { readonly [Code in keyof Table]: (...args: Parameters<Table[Code]>) => CodedError };
