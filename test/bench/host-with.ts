import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../hosts/common/index.ts';
import type { NodeHost } from '../../hosts/node/index.ts';
import { built } from './built.ts';

const gain = `
  exports.setup = function () { this.input('in'); this.output('out'); };
  exports.initialize = function () { this.addInputHandler('in', function () { this.send('out', this.get('in') + 1); }); };`;

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A host whose classes are the given source texts, in files as everybody has them, and `Gain`. */
export function hostWith(classes: Readonly<Record<string, string>>, clock?: Clock): NodeHost {
  const path = mkdtempSync(join(folder, 'host-'));
  for (const [name, code] of Object.entries({ Gain: gain, ...classes })) writeFileSync(join(path, `${name}.js`), code);
  return new built.NodeHost({ accessorPath: [path], ...(clock && { clock }) });
}
