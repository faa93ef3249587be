import type { AccessorContext } from '../../hosts/common/index.ts';

/** A mutable accessor as it stands, for use without deriving.
 *  @input accessor  any; an instance, a class, source text, or what utilities/GetAccessor sends; empty text: no accessor
 *  @output state    boolean, default false; true when the given accessor is in place
 *  @error an accessor that cannot be made or does not fit is reported, and state is false
 *  @example
 *  const mutable = this.instantiate('mutable', 'utilities/Mutable');
 *  mutable.input('input'); // the ports that are wanted
 *  mutable.output('scaled');
 *  this.connect(source, 'output', mutable, 'input');
 *  this.connect(mutable, 'scaled', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('utilities/MutableBase');
}
