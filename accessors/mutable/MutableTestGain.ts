import type { AccessorContext } from '../../hosts/common/index.ts';

/** An empty mutable accessor with the ports of a gain: whoever composes it calls `reify` on it.
 *  @input input     number, default 0
 *  @output scaled   number
 *  @parameter gain  number, default 2
 *  @error none of its own
 *  @example
 *  const gain = this.instantiate('gain', 'mutable/MutableTestGain');
 *  gain.reify(this.instantiate('gain1', 'mutable/TestGain1'));
 *  this.connect(source, 'output', gain, 'input');
 *  this.connect(gain, 'scaled', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.mutable(true);
  this.input('input', { type: 'number', value: 0 });
  this.output('scaled', { type: 'number' });
  this.parameter('gain', { type: 'number', value: 2 });
}
