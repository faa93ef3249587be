import type { AccessorContext } from '../../hosts/common/index.ts';

/** Stops the whole swarmlet when it gets true.
 *  @input stop  boolean */
export function setup(this: AccessorContext): void {
  this.input('stop', { type: 'boolean' });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('stop', () => {
    if (this.get('stop')) this.stop();
  });
}
