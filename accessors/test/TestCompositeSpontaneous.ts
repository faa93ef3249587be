import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends 0, 4, 8, ... every second.
 *  @output output  number
 *  @error none
 *  @example
 *  const source = this.instantiate('source', 'test/TestCompositeSpontaneous');
 *  this.connect(source, 'output', display, 'input'); // 0, 4, 8, ... every second */
export function setup(this: AccessorContext): void {
  this.output('output', { type: 'number' });
  const counter = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const gain = this.instantiate('TestGain', 'test/TestGain');
  gain.setParameter('gain', 4);
  this.connect(counter, 'output', gain, 'input');
  this.connect(gain, 'scaled', 'output');
}
