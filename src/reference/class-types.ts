import type { HeaderPort } from './header.ts';
import type { Reference } from './library.ts';

const types: Readonly<Record<string, string>> = { boolean: 'boolean', int: 'number', number: 'number', string: 'string' };

/** The TypeScript interface that tells the ports of each class: what `AccessorClasses` of the package is. */
export function classTypes(accessors: readonly Reference[]): string {
  const members = accessors.map(({ class: name, inputs, outputs, parameters }) => {
    // Every accessor that is not made by hand has the output `error`.
    const all = {
      inputs,
      outputs: [...outputs.filter((port) => port.name !== 'error'), { name: 'error', type: 'any', note: '' }],
      parameters,
    };
    const tables = Object.entries(all).map(([kind, ports]) => `    readonly ${kind}: {${ports.map(member).join('')}};\n`);
    return `  readonly ${JSON.stringify(name)}: {\n${tables.join('')}  };\n`;
  });
  return `export interface AccessorClasses {\n${members.join('')}}`;
}

/** Values are converted to the type of a port, so any may be given to one that is none of these. */
function member({ name, type, note }: HeaderPort): string {
  const comment = note === '' ? '' : `/** ${note.replaceAll('*/', '*\\/')} */ `;
  return ` ${comment}${JSON.stringify(name)}: ${types[type] ?? 'unknown'};`;
}
