import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CodedError, errorText } from '../../hosts/common/index.ts';
import { configFolder } from '../client/index.ts';
import { pathOfProto } from '../own-names.ts';
import { parser } from '../plugins/index.ts';

const schema = z.strictObject({
  /** Packages, or paths that begin with `.` or `/`. */
  plugins: z.array(z.string('expected the name of a package'), 'expected a list of packages').default([]),
  /** Discoverers by name, each with its options or a list of them. */
  discovery: z.record(z.string(), z.unknown(), 'expected discoverers by name').default({ 'dns-sd': null, known_boxes: null }),
});

/** How a user's commands find boxes. */
export interface UserSettings extends z.infer<typeof schema> {
  /** From where paths and packages in them count. */
  readonly folder: string;
  readonly file: string;
}

/**
 * Reads `config.yaml` in the user's configuration folder; what it leaves out, and all if there is none, has defaults.
 * @throws CodedError BAD_SETTINGS that names the file
 */
export function userSettings(env: NodeJS.ProcessEnv): UserSettings {
  const folder = configFolder(env);
  const file = join(folder, 'config.yaml');
  try {
    const value = parse(textOf(file), { maxAliasCount: 100, prettyErrors: false });
    const proto = pathOfProto(value);
    if (proto) throw new Error(`${proto.join('.')}: this name cannot be used`);
    return { ...parser(schema)(value), folder, file };
  } catch (error) {
    throw new CodedError('BAD_SETTINGS', `${file}: ${errorText(error)}`, { cause: error });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
