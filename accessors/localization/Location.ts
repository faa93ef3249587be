import type { AccessorContext } from '../../hosts/common/index.ts';

/** Polls a location server on the local network for positions and sensor values. Interface only: what that server understands
 *  was never published.
 *  @input HostIP     string, default ""
 *  @input HostPort   string, default ""
 *  @input dataType   string, default "all"
 *  @output iBeacon   JSON
 *  @output ALPS      JSON
 *  @output IMU       JSON
 *  @output WiFi      JSON
 *  @output Location  JSON
 *  @error initialize throws: ask your server with net/REST
 *  @example
 *  const location = this.instantiate('location', 'localization/Location');
 *  this.connect(location, 'WiFi', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('HostIP', { type: 'string', value: '' });
  this.input('HostPort', { type: 'string', value: '' });
  this.input('dataType', { type: 'string', value: 'all' });
  this.output('iBeacon', { type: 'JSON' });
  this.output('ALPS', { type: 'JSON' });
  this.output('IMU', { type: 'JSON' });
  this.output('WiFi', { type: 'JSON' });
  this.output('Location', { type: 'JSON' });
}

export function initialize(this: AccessorContext): void {
  throw new Error(`${this.getName()}: what the location server understands was never published. Ask your server with net/REST.`);
}
