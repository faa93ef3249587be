import type { AccessorContext } from '../../hosts/common/index.ts';

/** Has the interface of test/TestAccessor and does one part of its work.
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
 *  const tested = this.instantiate('tested', 'test/TestImplement');
 *  this.connect(source, 'output', tested, 'numeric');
 *  this.connect(tested, 'numericPlusP', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.implement('test/TestAccessor');
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('numeric', () => this.send('numericPlusP', Number(this.get('numeric')) + Number(this.getParameter('p'))));
}
