import type { AccessorContext } from '../../hosts/common/index.ts';

/** Gives the position of a drone (ROS with mavros), from its topic /mavros/global_position/global.
 *  @input server               any; the rosbridge server, in place of rosbridgeServer
 *  @input port                 any; in place of rosbridgePort
 *  @output lat                 double, default 0; degrees
 *  @output lon                 double, default 0; degrees
 *  @output alt                 double, default 0; m
 *  @parameter rosbridgeServer  string, default "localhost"; that stands before the drone
 *  @parameter rosbridgePort    int, default 9090
 *  @error failures of the connection are reported
 *  @example
 *  const drone = this.instantiate('drone', 'robotics/DroneLocation');
 *  drone.setParameter('rosbridgeServer', 'drone.local');
 *  this.connect(drone, 'alt', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('server', { visibility: 'expert' });
  this.input('port', { visibility: 'expert' });
  this.output('lat', { type: 'double', value: 0 });
  this.output('lon', { type: 'double', value: 0 });
  this.output('alt', { type: 'double', value: 0 });
  this.parameter('rosbridgeServer', { type: 'string', value: 'localhost' });
  this.parameter('rosbridgePort', { type: 'int', value: 9090 });
  const subscriber = this.instantiate('RosSubscriber', 'robotics/RosSubscriber');
  const position = this.instantiate('Global2LatLonAlt', 'robotics/Global2LatLonAlt');
  subscriber.setParameter('topic', '/mavros/global_position/global');
  this.connect('server', subscriber, 'server');
  this.connect('port', subscriber, 'port');
  this.connect(subscriber, 'received', position, 'global');
  this.connect(position, 'lat', 'lat');
  this.connect(position, 'lon', 'lon');
  this.connect(position, 'alt', 'alt');
}

export function initialize(this: AccessorContext): void {
  const [subscriber] = this.containedAccessors;
  subscriber?.provideInput('server', this.getParameter('rosbridgeServer'));
  subscriber?.provideInput('port', this.getParameter('rosbridgePort'));
}
