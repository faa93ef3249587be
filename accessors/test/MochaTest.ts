import type { AccessorContext } from '../../hosts/common/index.ts';

/** Stands for a runner of unit tests, which this host does not have: it can be composed, and fails at initialization.
 *  @input testFile  string, default "/accessors/hosts/common/modules/mocha/testCommon.js"
 *  @output result   string
 *  @error initialize throws: run such tests with mocha itself
 *  @example
 *  const tests = this.instantiate('tests', 'test/MochaTest'); */
export function setup(this: AccessorContext): void {
  this.input('testFile', { type: 'string', value: '/accessors/hosts/common/modules/mocha/testCommon.js' });
  this.output('result', { type: 'string' });
}

export function initialize(this: AccessorContext): void {
  throw new Error(
    `${this.getName()}: this host has no module 'testing', so test/MochaTest cannot run ${this.get('testFile')}; run it with mocha itself`,
  );
}
