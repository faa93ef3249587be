import { z } from 'zod';
import { defaultOf, settings } from '../settings.ts';
import { fileSchema } from './schema.ts';

interface Node {
  description?: string;
  default?: unknown;
  properties?: Record<string, Node>;
}

/** The JSON Schema of the file, for editors: what each setting is for, and its default. */
export function configJsonSchema(): object {
  const root = z.toJSONSchema(fileSchema, { io: 'input' }) as Node;
  for (const setting of settings) {
    const node = setting.key.split('.').reduce<Node | undefined>((at, name) => at?.properties?.[name], root);
    if (!node) throw new Error(`The schema has no ${setting.key}`);
    node.description = setting.help;
    const value = defaultOf(setting);
    if (value !== undefined) node.default = value;
  }
  return { title: 'Settings of a box (swarmbox.yaml)', ...root };
}
