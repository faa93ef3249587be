import type { AccessorContext } from '../../hosts/common/index.ts';

interface Goal {
  readonly x?: unknown;
  readonly y?: unknown;
  /** Radians, counter-clockwise from the x axis. */
  readonly theta?: unknown;
  readonly frame_id?: string;
  /** Of a goal that is a geometry_msgs/PoseStamped already. */
  readonly pose?: unknown;
}

/** Sends a navigation goal to a robot (ROS), on the topic /move_base_simple/goal.
 *  @input navigationGoal       JSON; {x, y} in m, theta in radians, frame_id (map by default); or a geometry_msgs/PoseStamped
 *  @parameter rosbridgeServer  string, default "192.168.1.11"; that stands before the robot
 *  @parameter rosbridgePort    string, default "9090"
 *  @error a goal without x and y is reported; failures of the connection too
 *  @example
 *  const robot = this.instantiate('robot', 'robotics/RosNavigationPose');
 *  robot.setParameter('rosbridgeServer', 'robot.local');
 *  this.connect(source, 'output', robot, 'navigationGoal'); // {x: 1, y: 2, theta: 0} */
export function setup(this: AccessorContext): void {
  this.input('navigationGoal', { type: 'JSON' });
  this.parameter('rosbridgeServer', { type: 'string', value: '192.168.1.11' });
  this.parameter('rosbridgePort', { type: 'string', value: '9090' });
  const publisher = this.instantiate('RosPublisher', 'robotics/RosPublisher');
  publisher.setParameter('topic', '/move_base_simple/goal');
  publisher.setParameter('ROStype', 'geometry_msgs/PoseStamped');
}

export function initialize(this: AccessorContext): void {
  const [publisher] = this.containedAccessors;
  publisher?.provideInput('server', this.getParameter('rosbridgeServer'));
  publisher?.provideInput('port', this.getParameter('rosbridgePort'));
  this.addInputHandler('navigationGoal', () => {
    const goal = this.get('navigationGoal') as Goal;
    if (goal?.pose !== undefined) publisher?.provideInput('toSend', goal);
    else if (typeof goal?.x === 'number' && typeof goal.y === 'number') publisher?.provideInput('toSend', pose(goal.x, goal.y, goal));
    else this.error(`A navigation goal should be like {x: 1, y: 2, theta: 0}, got ${JSON.stringify(goal)}`);
  });
}

function pose(x: number, y: number, { theta = 0, frame_id = 'map' }: Goal): object {
  const half = Number(theta) / 2;
  const now = Date.now();
  return {
    header: { stamp: { secs: Math.floor(now / 1000), nsecs: (now % 1000) * 1_000_000 }, frame_id },
    pose: { position: { x, y, z: 0 }, orientation: { x: 0, y: 0, z: Math.sin(half), w: Math.cos(half) } },
  };
}
