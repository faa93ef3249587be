import type { AccessorContext } from '../../hosts/common/index.ts';

/** Semi-major axis in metres and squared eccentricity of the WGS-84 ellipsoid. */
const A = 6378137;
const E2 = 6.694379990137799e-3;

/** Converts latitude, longitude and altitude to earth-centred coordinates, at every reaction; what is missing counts as 0.
 *  @input lat  any; degrees
 *  @input lon  any; degrees
 *  @input alt  any; metres above the ellipsoid
 *  @output x   any; metres
 *  @output y   any; metres
 *  @output z   any; metres
 *  @error none
 *  @example
 *  const place = this.instantiate('place', 'geodesy/Lla2Ecef');
 *  place.setDefault('lat', 45);
 *  place.setDefault('lon', 45);
 *  this.connect(altimeter, 'output', place, 'alt');
 *  this.connect(place, 'z', display, 'input'); // 4487419.119544 at 100 m */
export function setup(this: AccessorContext): void {
  for (const name of ['lat', 'lon', 'alt']) this.input(name);
  for (const name of ['x', 'y', 'z']) this.output(name);
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler(() => {
    const lat = (Number(this.get('lat')) * Math.PI) / 180;
    const lon = (Number(this.get('lon')) * Math.PI) / 180;
    const alt = Number(this.get('alt'));
    const n = A / Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
    this.send('x', (n + alt) * Math.cos(lat) * Math.cos(lon));
    this.send('y', (n + alt) * Math.cos(lat) * Math.sin(lon));
    this.send('z', (n * (1 - E2) + alt) * Math.sin(lat));
  });
}
