import type { AccessorContext } from '../../hosts/common/index.ts';

interface Position {
  readonly latitude?: unknown;
  readonly longitude?: unknown;
  readonly altitude?: unknown;
}

/** Takes a global position out of a robot's message (`sensor_msgs/NavSatFix` of ROS, bare or as rosbridge packs it).
 *  @input global  any; {latitude, longitude, altitude}, or {msg: of that}
 *  @output lat    any; degrees
 *  @output lon    any; degrees
 *  @output alt    any; m
 *  @error a message without latitude and longitude is reported
 *  @example
 *  const position = this.instantiate('position', 'robotics/Global2LatLonAlt');
 *  this.connect(robot, 'output', position, 'global');
 *  this.connect(position, 'lat', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('global');
  this.output('lat');
  this.output('lon');
  this.output('alt');
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('global', () => {
    const message = this.get('global') as (Position & { readonly msg?: Position }) | null;
    const { latitude, longitude, altitude } = message?.msg ?? message ?? {};
    if (latitude === undefined || longitude === undefined) {
      this.error(`A position should have latitude and longitude, got ${JSON.stringify(message)}`);
      return;
    }
    this.send('lat', latitude);
    this.send('lon', longitude);
    this.send('alt', altitude ?? null);
  });
}
