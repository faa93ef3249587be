import { parse } from 'yaml';
import { z } from 'zod';
import { errorText } from '../../hosts/common/index.ts';
import { pathOfProto } from '../own-names.ts';
import { mostTargets, targetUrl } from './sighting.ts';

const text = z.string('expected a text');
const target = text.superRefine((value, context) => {
  try {
    targetUrl(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: errorText(error) });
  }
});

/** A target group of Prometheus. */
export const groupSchema = z.strictObject({
  targets: z.array(target, 'expected a list of HOST:PORT').max(mostTargets, `expected at most ${mostTargets}`),
  labels: z.record(text, text, 'expected texts by name').default({}),
});
export type Group = z.infer<typeof groupSchema>;
const groups = z.array(groupSchema, 'expected a list of {targets, labels}');

/**
 * Target groups as Prometheus reads them from a file or a URL: JSON, or YAML, of which JSON is a part.
 * @throws Error that says what is wrong with which group
 */
export function parseGroups(source: string): Group[] {
  const value = parse(source, { maxAliasCount: 100, prettyErrors: false }) ?? [];
  const proto = pathOfProto(value);
  if (proto) throw new Error(`${proto.join('.')}: this name cannot be used`);
  const result = groups.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${issue?.path.join('.') || 'the list'}: ${issue?.message}`);
}
