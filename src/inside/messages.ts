import { z } from 'zod';

const part = z.int().min(1);
const text = z.string().max(1024);

/** What a swarmlet says to the module `deployment` of its box. It comes from the runtime if nobody forged it. */
export const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('make'),
    part,
    kind: z.enum(['deployer', 'pusher', 'boxes']),
    parameters: z.record(z.string(), z.unknown()),
  }),
  /** A piece of a file that is pushed with the next call. */
  z.strictObject({ type: z.literal('file'), part, name: text, piece: z.string() }),
  z.strictObject({ type: z.literal('call'), part, method: text, args: z.array(z.unknown()).max(8) }),
  z.strictObject({ type: z.literal('close'), part }),
  z.strictObject({ type: z.literal('class'), file: text }),
]);

/** What a Push inside has collected, beside the files. */
export const closureSchema = z.strictObject({
  main: text,
  modules: z.array(text).max(1000),
});

/** What a Push may ask for beside it; its fields are looked at again as those of a statement. */
export const requestSchema = z.strictObject({
  name: z.string().optional(),
  version: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  run: z.custom<{ for?: string; restart?: 'always' | 'on-failure' | 'never' }>((value) => typeof value === 'object').optional(),
  limits: z.record(z.string(), z.number()).optional(),
  capabilities: z.array(z.string()).optional(),
  isolation: z.enum(['process', 'thread', 'inline']).optional(),
  upgrade: z.enum(['start-first', 'stop-first']).optional(),
});
