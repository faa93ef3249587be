import type { z } from 'zod';
import { type DiscoveryPlugin, parser } from '../plugins/index.ts';
import { groupSchema } from './groups.ts';

type Options = z.infer<typeof groupSchema>;

/** Boxes that are named in the configuration: `{targets, labels}`. */
export const staticBoxes: DiscoveryPlugin<Options> = {
  kind: 'discovery',
  name: 'static',
  parse: parser(groupSchema),
  create: ({ targets, labels }) => ({
    run: async (_signal, publish) => publish([{ source: '', targets, labels }]),
  }),
};
