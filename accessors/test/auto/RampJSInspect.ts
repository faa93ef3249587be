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

/** Source of an accessor that sends what a value looks like, as text. */
const inspector = `
const util = require('util');
exports.setup = function () {
  this.input('input');
  this.output('output', {type: 'string'});
};
exports.initialize = function () {
  this.addInputHandler('input', () => this.send('output', util.inspect(this.get('input'))));
};
`;

/** A counting sequence as text, checked: ends by itself at four seconds, when the fourth text was right. */
export function setup(this: AccessorContext): void {
  const clock = this.instantiate('TestSpontaneous', 'test/TestSpontaneous');
  const counter = this.instantiateFromCode('Ramp', ramp);
  const inspect = this.instantiateFromCode('Inspect', inspector);
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  test.setParameter('correctValues', ['1', '2', '3', '4']);
  this.connect(clock, 'output', counter, 'trigger');
  this.connect(counter, 'output', inspect, 'input');
  this.connect(inspect, 'output', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000);
}
