import type { AccessorContext } from '../../hosts/common/index.ts';

/** An empty mutable accessor with the ports of a gain: whoever composes it calls `reify` on it.
 *  @input input     number, default 0
 *  @output scaled   number
 *  @parameter gain  number, default 2 */
export function setup(this: AccessorContext): void {
  this.mutable(true);
  this.input('input', { type: 'number', value: 0 });
  this.output('scaled', { type: 'number' });
  this.parameter('gain', { type: 'number', value: 2 });
}
