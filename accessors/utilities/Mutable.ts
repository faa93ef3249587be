import type { AccessorContext } from '../../hosts/common/index.ts';

/** A mutable accessor as it stands, for use without deriving.
 *  @input accessor  any; an instance, a class, source text, or what utilities/GetAccessor sends; empty text: no accessor
 *  @output state    boolean, default false; true when the given accessor is in place */
export function setup(this: AccessorContext): void {
  this.extend('utilities/MutableBase');
}
