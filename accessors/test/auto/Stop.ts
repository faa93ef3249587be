import type { AccessorContext } from '../../../hosts/common/index.ts';

/** Source of an accessor that tells whether a number is three. */
const isThree = `
exports.setup = function () {
  this.input('input', {type: 'number', value: 0});
  this.output('output', {type: 'boolean'});
};
exports.initialize = function () {
  this.addInputHandler('input', () => this.send('output', this.get('input') === 3));
};
`;

/** Shows a counter and ends when it reaches three. */
export function setup(this: AccessorContext): void {
  const counter = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  const compare = this.instantiateFromCode('IsThree', isThree);
  const stop = this.instantiate('Stop', 'utilities/Stop');
  this.connect(counter, 'output', display, 'input');
  this.connect(counter, 'output', compare, 'input');
  this.connect(compare, 'output', stop, 'stop');
}
