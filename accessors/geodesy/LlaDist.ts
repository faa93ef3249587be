import type { AccessorContext } from '../../hosts/common/index.ts';

/** Straight-line distance of two places.
 *  @input lat1   number, default 0; degrees
 *  @input lon1   number, default 0; degrees
 *  @input alt1   number, default 0; metres
 *  @input lat2   number, default 0; degrees
 *  @input lon2   number, default 0; degrees
 *  @input alt2   number, default 0; metres
 *  @output dist  number; metres, through the earth
 *  @error none
 *  @example
 *  const distance = this.instantiate('distance', 'geodesy/LlaDist');
 *  this.connect(receiver, 'output', distance, 'lat1');
 *  this.connect(distance, 'dist', display, 'input'); */
export function setup(this: AccessorContext): void {
  for (const name of ['lat1', 'lon1', 'alt1', 'lat2', 'lon2', 'alt2']) this.input(name, { type: 'number', value: 0 });
  this.output('dist', { type: 'number' });
  const distance = this.instantiate('distance', 'geodesy/EuclideanDist');
  for (const n of [1, 2]) {
    const place = this.instantiate(`place${n}`, 'geodesy/Lla2Ecef');
    for (const name of ['lat', 'lon', 'alt']) this.connect(`${name}${n}`, place, name);
    for (const axis of ['x', 'y', 'z']) this.connect(place, axis, distance, `${axis}${n}`);
  }
  this.connect(distance, 'dist', 'dist');
}
