import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Options {
  readonly enableHighAccuracy: unknown;
  readonly maximumAge: unknown;
}
const { getCurrentPosition } = require('@accessors-modules/geolocation') as {
  getCurrentPosition(options: Options, callback: (error: Error | null, location?: object) => void): void;
};

let life = 0;

/** Asks gpsd, which reads the GPS receivers of a machine, where this machine is.
 *  @input trigger                 any; asks
 *  @output location               JSON; {latitude, longitude} in degrees, altitude and accuracy in m, timestamp in ms since 1970
 *  @parameter enableHighAccuracy  boolean, default true; wait for a fix with altitude, if there is one within the time
 *  @parameter maximumAge          number, default 3600000; ms; a place that is not older need not be measured anew
 *  @error no gpsd at port 2947 of this machine, or no fix within 10 s, are reported
 *  @example
 *  const place = this.instantiate('place', 'services/GeoLocation');
 *  this.connect(button, 'output', place, 'trigger');
 *  this.connect(place, 'location', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('trigger');
  this.output('location', { type: 'JSON' });
  this.parameter('enableHighAccuracy', { type: 'boolean', value: true });
  this.parameter('maximumAge', { type: 'number', value: 3600000 });
}

export function initialize(this: AccessorContext): void {
  const now = ++life;
  this.addInputHandler('trigger', () => {
    const [enableHighAccuracy, maximumAge] = [this.getParameter('enableHighAccuracy'), this.getParameter('maximumAge')];
    getCurrentPosition({ enableHighAccuracy, maximumAge }, (error, location) => {
      if (now !== life) return;
      if (error) this.error(error.message);
      else this.send('location', location);
    });
  });
}

export function wrapup(this: AccessorContext): void {
  life++;
}
