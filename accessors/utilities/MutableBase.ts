import type { AccessorContext } from '../../hosts/common/index.ts';

/** Base of mutable accessors: works through whatever accessor it is given. Derive from it, or declare ports on an
 *  instance before it is initialized, to say which ports the given accessors have.
 *  @input accessor  any; an instance, a class, source text, or what utilities/GetAccessor sends; empty text: no accessor
 *  @output state    boolean, default false; true when the given accessor is in place
 *  @error an accessor that cannot be made or does not fit is reported, and state is false
 *  @example
 *  const mutable = this.instantiate('mutable', 'utilities/MutableBase');
 *  this.connect(source, 'output', mutable, 'accessor'); // an instance, a class, or what utilities/GetAccessor sends
 *  this.connect(mutable, 'state', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.mutable(true);
  this.input('accessor');
  this.output('state', { type: 'boolean', value: false });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('accessor', () => {
    const reified = reify.call(this, this.get('accessor'));
    if (!reified) this.unreify(); // a refused accessor leaves none in place, not the one before it
    this.send('state', reified);
  });
}

function reify(this: AccessorContext, accessor: unknown): boolean {
  if (accessor === '' || !this.reify(accessor as Parameters<AccessorContext['reify']>[0])) return false;
  try {
    this.reifyingAccessor?.initialize();
    return true;
  } catch (thrown) {
    this.error(thrown);
    return false;
  }
}
