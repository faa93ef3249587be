import { resolve } from 'node:path';
import { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import { type DiscoveryPlugin, parser, type ThingGroup } from '../plugins/index.ts';
import { parseGroups } from './groups.ts';
import { pollFiles } from './polled-files.ts';

const schema = z.strictObject({
  files: z.array(z.string('expected a path'), 'expected a list of paths').min(1, 'expected at least one path'),
});

/** Boxes in files of Prometheus's `file_sd`, JSON or YAML, read again when they change: `{files: [PATH, ...]}`. */
export const fileSd: DiscoveryPlugin<z.infer<typeof schema>> = {
  kind: 'discovery',
  name: 'file_sd',
  parse: parser(schema),
  create: ({ files }, { folder, log }) => ({
    run: (signal, publish) => {
      /** How many groups each file had. */
      const counts = new Map<string, number>();
      return pollFiles(
        files.map((file) => resolve(folder, file)),
        signal,
        (changed) => {
          publish(
            changed.flatMap(({ path, text }): ThingGroup[] => {
              try {
                const groups = text === undefined ? [] : parseGroups(text);
                const withdrawn = Math.max(0, (counts.get(path) ?? 0) - groups.length);
                counts.set(path, groups.length);
                const empty = Array.from({ length: withdrawn }, () => ({ targets: [], labels: {} }));
                return [...groups, ...empty].map((group, i) => ({ ...group, source: i === 0 ? path : `${path}:${i}` }));
              } catch (error) {
                log('warn', `${path}: ${errorText(error)}; what it said before stays`);
                return [];
              }
            }),
          );
        },
        (path, error) => log('warn', `${path}: ${errorText(error)}; what it said before stays`),
      );
    },
  }),
};
