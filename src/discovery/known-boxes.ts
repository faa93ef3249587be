import { resolve } from 'node:path';
import { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import { KnownBoxes } from '../client/index.ts';
import { type DiscoveryPlugin, parser } from '../plugins/index.ts';
import { pollFiles } from './polled-files.ts';
import { meta } from './sighting.ts';

const schema = z.strictObject({ file: z.string('expected a path').default('known_boxes') });

/** The boxes that this user has talked to, by the addresses that were recorded then: `{file}`. */
export const knownBoxes: DiscoveryPlugin<z.infer<typeof schema>> = {
  kind: 'discovery',
  name: 'known_boxes',
  parse: parser(schema),
  create: ({ file }, { folder, log }) => ({
    run: (signal, publish) => {
      const known = new KnownBoxes(resolve(folder, file));
      let sources: readonly string[] = [];
      const read = (): void => {
        try {
          const entries = known.addresses();
          const gone = sources.filter((source) => !entries.some(({ address }) => address === source));
          sources = entries.map(({ address }) => address);
          publish([
            ...gone.map((source) => ({ source, targets: [], labels: {} })),
            ...entries.map(({ address, url, id }) => ({ source: address, targets: [url], labels: { [meta.id]: id } })),
          ]);
        } catch (error) {
          log('warn', errorText(error));
        }
      };
      return pollFiles([known.file], signal, read, (_path, error) => log('warn', errorText(error)));
    },
  }),
};
