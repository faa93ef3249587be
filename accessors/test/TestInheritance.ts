import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

/** Derives from test/TestAccessor, overrides a function and reads a property of the base.
 *  @input untyped         any
 *  @input numeric         number, default 0
 *  @input boolean         boolean
 *  @output typeOfUntyped  string
 *  @output jsonOfUntyped  string
 *  @output numericPlusP   number
 *  @output negation       boolean
 *  @parameter p           any, default 42
 *  @error none
 *  @example
 *  const tested = this.instantiate('tested', 'test/TestInheritance');
 *  this.connect(source, 'output', tested, 'untyped');
 *  this.connect(tested, 'jsonOfUntyped', display, 'input'); // hello */
export function setup(this: AccessorContext): void {
  this.extend('test/TestAccessor');
}

export function initialize(this: AccessorContext): void {
  this.ssuper?.initialize();
}

export function formatOutput(this: AccessorExports, _value: unknown): string {
  return this.ssuper?.variable;
}
