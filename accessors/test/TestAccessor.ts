import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

/** Read by accessors that derive from this one. */
export const variable = 'hello';

/** Tells type and JSON text of one input, adds a parameter to another, negates a third.
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
 *  const tested = this.instantiate('tested', 'test/TestAccessor');
 *  this.connect(source, 'output', tested, 'untyped');
 *  this.connect(tested, 'typeOfUntyped', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('untyped');
  this.input('numeric', { type: 'number', value: 0 });
  this.input('boolean', { type: 'boolean' });
  this.output('typeOfUntyped', { type: 'string' });
  this.output('jsonOfUntyped', { type: 'string' });
  this.output('numericPlusP', { type: 'number' });
  this.output('negation', { type: 'boolean' });
  this.parameter('p', { value: 42 });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('untyped', () => {
    const value = this.get('untyped');
    this.send('typeOfUntyped', typeof value);
    this.send('jsonOfUntyped', this.root.exports.formatOutput(value));
  });
  this.addInputHandler('numeric', () => this.send('numericPlusP', Number(this.get('numeric')) + Number(this.getParameter('p'))));
  this.addInputHandler('boolean', () => this.send('negation', !this.get('boolean')));
}

/** Called as a method of the exports of the most derived accessor. */
export function formatOutput(this: AccessorExports, value: unknown): string {
  return `JSON for untyped input: ${JSON.stringify(value)}`;
}

export function fire(this: AccessorContext): void {
  console.log('TestAccessor.fire() invoked.');
}
