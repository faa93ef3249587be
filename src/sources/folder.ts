import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import { parser, type SourcePlugin } from '../plugins/index.ts';

const schema = z.strictObject({ path: z.string('expected a path') });

const everyMs = 500;
const maxBytes = 4 * 1024 * 1024; // of a frame: what comes over the network may not be larger either

/**
 * Signed statements that are put into a folder as `*.json`: `{path}`. What was carried out is deleted, what was refused
 * gets `.refused` behind its name. Write a file under another name and rename it, so that it is whole when it is read.
 */
export const folderSource: SourcePlugin<z.infer<typeof schema>> = {
  kind: 'source',
  name: 'folder',
  parse: parser(schema),
  create: ({ path }, { folder, log }) => ({
    run: async (signal, submit) => {
      const place = resolve(folder, path);
      await stat(place); // or nothing would ever come, and nobody would know
      while (!signal.aborted) {
        const names = (await readdir(place)).filter((name) => name.endsWith('.json')).sort();
        for (const name of names) {
          if (signal.aborted) return;
          const file = join(place, name);
          try {
            if ((await stat(file)).size > maxBytes) throw new Error(`has more than ${maxBytes} bytes`);
            await submit(await readFile(file, 'utf8'));
            await rm(file);
          } catch (error) {
            log('warn', `${file}: ${errorText(error)}`);
            await rename(file, `${file}.refused`);
          }
        }
        await pause(everyMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
      }
    },
  }),
};
