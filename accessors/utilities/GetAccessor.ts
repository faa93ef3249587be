import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const exports: AccessorExports;

/** What goes with the source. */
interface Maps {
  readonly parameterMap: unknown;
  readonly inputMap: unknown;
}

let remembered: unknown = '';

/** Fetches accessor source when it is triggered and packs it for a mutable accessor.
 *  @input options          JSON, default ""; an encoding, or {encoding, timeout in ms, returnURI}
 *  @input resource         JSON, default ""; path or URL, remembered until the next one; false: take the accessor away
 *  @input trigger          any
 *  @input parameterMap     JSON, default {}; values of parameters by name
 *  @input inputMap         JSON, default {}; defaults of inputs by name
 *  @output output          any; {accessor, parameterMap, inputMap}, or empty text for the resource false
 *  @parameter synchronous  boolean, default true; read and send in the reaction of the trigger, which hosts do for files only
 *  @error a resource that cannot be read is reported
 *  @example
 *  const get = this.instantiate('get', 'utilities/GetAccessor');
 *  const mutable = this.instantiate('mutable', 'utilities/Mutable');
 *  get.setParameter('synchronous', false);
 *  get.setDefault('resource', 'Gain.js');
 *  this.connect(button, 'output', get, 'trigger');
 *  this.connect(get, 'output', mutable, 'accessor'); */
export function setup(this: AccessorContext): void {
  this.extend('utilities/GetResource');
  this.input('resource', { type: 'JSON', value: '' });
  this.input('parameterMap', { type: 'JSON', value: {} });
  this.input('inputMap', { type: 'JSON', value: {} });
}

export function initialize(this: AccessorContext): void {
  remembered = '';
  this.addInputHandler('resource', () => {
    remembered = this.get('resource');
  });
  exports.ssuper?.initialize?.call(this);
}

export function handleTrigger(this: AccessorContext): void {
  if (remembered === false) this.send('output', '');
  else if (remembered !== '' && remembered !== null) {
    const maps: Maps = { parameterMap: this.get('parameterMap'), inputMap: this.get('inputMap') };
    exports.ssuper?.handleTrigger.call(this, remembered, maps);
  }
}

export function filterResponse(this: AccessorContext, source: unknown, maps: Maps): unknown {
  return { accessor: source, ...maps };
}
