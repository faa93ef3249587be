import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends one request for grpc/Greeter.
 *  @output request  any; {name: 'world'}
 *  @error none
 *  @example
 *  const source = this.instantiate('source', 'grpc/GenerateRequest');
 *  this.connect(source, 'request', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.output('request');
}

export function initialize(this: AccessorContext): void {
  this.send('request', { name: 'world' });
}

export function wrapup(this: AccessorContext): void {}
