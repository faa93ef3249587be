import type { AccessorContext } from '../../hosts/common/index.ts';

/** Stops the whole swarmlet when it gets true.
 *  @input stop  boolean
 *  @error none
 *  @example
 *  const stop = this.instantiate('stop', 'utilities/Stop');
 *  this.connect(button, 'output', stop, 'stop'); */
export function setup(this: AccessorContext): void {
  this.input('stop', { type: 'boolean' });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('stop', () => {
    if (this.get('stop')) this.stop();
  });
}
