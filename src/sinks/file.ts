import { open, rename, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { jsonLine } from '../plain.ts';
import { type LogPlugin, parser } from '../plugins/index.ts';

const schema = z.strictObject({
  path: z.string('expected a path'),
  maxMiB: z.int('expected a whole number').min(1, 'expected 1 or more').max(4096, 'expected 4096 or less').default(16),
});

/** Lines of JSON in a file, and when it is full in the one before it, `PATH.1`: `{path, maxMiB}`. */
export const fileSink: LogPlugin<z.infer<typeof schema>> = {
  kind: 'log',
  name: 'file',
  parse: parser(schema),
  create: ({ path, maxMiB }, { folder }) => ({
    run: async (_signal, records) => {
      const file = resolve(folder, path);
      let out = await open(file, 'a', 0o640);
      try {
        let size = (await stat(file)).size;
        for await (const record of records) {
          const line = `${jsonLine(record)}\n`;
          if (size + line.length > maxMiB * 1024 * 1024 && size > 0) {
            await out.close();
            await rename(file, `${file}.1`);
            out = await open(file, 'a', 0o640);
            size = 0;
          }
          await out.write(line);
          size += Buffer.byteLength(line);
        }
      } finally {
        await out.close();
      }
    },
  }),
};
