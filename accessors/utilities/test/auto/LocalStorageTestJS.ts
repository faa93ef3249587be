import type { AccessorContext } from '../../../../hosts/common/index.ts';

/** Stores what a clock counts, and shows and checks what the storage says. */
export function setup(this: AccessorContext): void {
  const storage = this.instantiate('LocalStorage', 'utilities/LocalStorage');
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  const test = this.instantiate('TrainableTest', 'test/TrainableTest');
  const clock = this.instantiate('Clock', 'utilities/Clock');
  const stop = this.instantiate('Stop', 'utilities/Stop');
  storage.setDefault('storeLocation', ''); // a temporary folder
  storage.setDefault('key', 'count');
  clock.setParameter('interval', 100);
  test.setParameter('correctValues', ['0', '1', '2']);
  this.connect(clock, 'output', storage, 'value');
  this.connect(clock, 'output', storage, 'trigger');
  this.connect(storage, 'result', display, 'input');
  this.connect(storage, 'result', test, 'input');
  this.connect(test, 'output', stop, 'stop');
}

export function initialize(this: AccessorContext): void {
  this.stopAt(5000); // in case a value is missing
}
