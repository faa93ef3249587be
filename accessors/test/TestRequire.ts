import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { format } = require('util') as typeof import('node:util');

/** Derives from test/TestAccessor and overrides a function by one that uses a module.
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
 *  const tested = this.instantiate('tested', 'test/TestRequire');
 *  this.connect(source, 'output', tested, 'untyped');
 *  this.connect(tested, 'jsonOfUntyped', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('test/TestAccessor');
}

export function initialize(this: AccessorContext): void {
  this.ssuper?.initialize();
}

export function formatOutput(this: AccessorExports, value: unknown): string {
  return format('JSON for untyped input: %j', value);
}
