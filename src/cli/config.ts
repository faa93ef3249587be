import { resolve } from 'node:path';
import { silentLog } from '../audit/index.ts';
import { configJsonSchema, type Origin, placesOf, readConfig, settle, settledInFull } from '../config/index.ts';
import { sourcesOf, usage } from './box-config.ts';
import type { Action } from './command.ts';
import { exit } from './exit.ts';
import { jsonLine, plain, table } from './text.ts';

export const explain: Action = async (args, io) => {
  const sources = sourcesOf(args, io);
  const { file, settled } = usage(() => {
    readConfig(sources); // what does not go together is no configuration
    return settle(sources);
  });
  const all = settledInFull(settled);
  if (args.flag('json')) {
    io.print(jsonLine({ file: file ?? null, settings: all.map(({ key, value, origin }) => ({ key, value, origin })) }));
    return exit.done;
  }
  const rows = all.map(({ key, value, origin }) => [key, valueText(value), originText(origin)]);
  for (const line of table(['SETTING', 'VALUE', 'FROM'], rows, io.columns)) io.print(line);
  if (file === undefined) io.tell(plain(`There is no file: none of ${sources.places.files.join(', ')}, nor one given with --config`));
  return exit.done;
};

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null ? '-' : JSON.stringify(value);
}

function originText(origin: Origin): string {
  return origin.kind === 'default' ? 'default' : origin.name;
}

export const check: Action = async (args, io) => {
  const file = resolve(args.words[0] as string);
  const config = readConfig({ flag: (name) => (name === 'config' ? [file] : []), env: {}, places: placesOf(io.env) });
  const { PluginHost, pluginSettings } = await import('../plugin-host.ts'); // loads what plugins need only for those who check them
  await PluginHost.open(pluginSettings(config), () => silentLog);
  if (args.flag('json')) io.print(jsonLine({ file, config }));
  else io.print(plain(`${file} has no mistakes`));
  return exit.done;
};

export const schema: Action = async (_, io) => {
  io.print(JSON.stringify(configJsonSchema(), null, 2));
  return exit.done;
};
