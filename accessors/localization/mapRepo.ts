import type { AccessorContext } from '../../hosts/common/index.ts';

let maps: unknown[] = [];

/** Collects map fragments and reports the collection on request. What is collected lasts until the swarmlet ends.
 *  @input report     any; sends the collection
 *  @input clear      any; forgets it
 *  @input mapData    JSON; a fragment, or a list of them
 *  @output repoData  JSON; the fragments in the order in which they came
 *  @error none
 *  @example
 *  const maps = this.instantiate('maps', 'localization/mapRepo');
 *  this.connect(scanner, 'output', maps, 'mapData');
 *  this.connect(button, 'output', maps, 'report');
 *  this.connect(maps, 'repoData', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('report');
  this.input('clear');
  this.input('mapData', { type: 'JSON' });
  this.output('repoData', { type: 'JSON' });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  maps = [];
  for (const input of ['clear', 'mapData', 'report']) this.addInputHandler(input, () => root.exports[`${input}InputHandler`].call(root));
}

export function reportInputHandler(this: AccessorContext): void {
  this.send('repoData', [...maps]);
}

export function clearInputHandler(this: AccessorContext): void {
  maps = [];
}

export function mapDataInputHandler(this: AccessorContext): void {
  maps.push(...[this.get('mapData')].flat());
}

export function wrapup(this: AccessorContext): void {
  maps = [];
}
