import type { z } from 'zod';
import { shown } from '../errors.ts';
import { nearest } from '../nearest.ts';

/** A `parse` function for options that a schema describes; nothing stands for no options. */
export function parser<T extends z.ZodObject>(schema: T): (raw: unknown) => z.infer<T> {
  return (raw) => {
    const result = schema.safeParse(raw ?? {});
    if (result.success) return result.data;
    const [issue] = result.error.issues as [z.core.$ZodIssue];
    const place = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    if (unknown === undefined) throw new Error(`${place}${issue.message}`);
    const meant = nearest(unknown, Object.keys(schema.shape));
    throw new Error(`${place}without ${shown(unknown)}${meant ? ` (did you mean ${meant}?)` : ''}`);
  };
}
