import type { AccessorContext } from '../../../hosts/common/index.ts';

/** Source of an accessor that sends 1, 2, 3, ..., one number for each value it gets. */
const ramp = `
exports.setup = function () {
  this.input('trigger');
  this.output('output', {type: 'number'});
  this.parameter('init', {type: 'number', value: 1});
  this.parameter('step', {type: 'number', value: 1});
};
exports.initialize = function () {
  let state = this.getParameter('init');
  this.addInputHandler('trigger', () => {
    this.send('output', state);
    state += this.getParameter('step');
  });
};
`;

/** A counting sequence, shown and checked: ends by itself at five seconds, when the fifth value was right. */
export function setup(this: AccessorContext): void {
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const counter = this.instantiateFromCode('Ramp', ramp);
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  test.setParameter('correctValues', [1, 2, 3, 4, 5]);
  this.connect(clock, 'output', counter, 'trigger');
  this.connect(counter, 'output', display, 'input');
  this.connect(counter, 'output', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}
