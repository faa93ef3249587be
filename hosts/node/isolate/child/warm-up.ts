import { FarEdge } from '../../edge/far/index.ts';
import type { StartCommand } from '../messages.ts';
import { Swarmlet, type SwarmletListener } from './swarmlet.ts';

/** A composite with what most swarmlets have: ports, a handler, a timer, a contained accessor. */
const dummy = `
exports.setup = function () {
  this.input('in');
  this.output('out', { type: 'number' });
  this.parameter('gain', { value: 2 });
  var inner = this.instantiateFromCode('inner', 'exports.setup = function () { this.input("in"); this.output("out"); };' +
    'exports.fire = function () { this.send("out", this.get("in")); };');
  this.connect('in', inner, 'in');
  this.connect(inner, 'out', 'out');
};
exports.initialize = function () {
  var self = this;
  require('util');
  this.addInputHandler('in', function () { self.get('in'); });
  setTimeout(function () { self.send('out', self.getParameter('gain')); }, 0);
};`;

const quiet: SwarmletListener = {
  entered() {},
  startFailed() {},
  output() {},
  service() {},
  taken() {},
  refused() {},
  ended() {},
  whenOpen: (callback) => callback(),
};

/** Runs a swarmlet that nobody hears, so that the first real one finds its code loaded and compiled. */
export function warmUp(): void {
  const command: StartCommand = {
    type: 'start',
    token: '',
    name: 'warm-up',
    main: 'warm-up.js',
    modules: [],
    parameters: { gain: 3 },
    inputs: { in: 1 },
    trusted: false,
    outside: { interfaces: [] },
    farewellMs: 0,
    logBytesPerSecond: 0,
    credit: 0,
    backlog: 0,
  };
  const edge = new FarEdge({ tell() {}, bytes() {} }, command.outside, (call) => call);
  const parts = { files: new Map([['warm-up.js', dummy]]), modules: new Map(), granted: [], edge };
  const swarmlet = new Swarmlet(parts, command, quiet);
  swarmlet.start();
  for (let i = 0; i < 20; i++) swarmlet.provide('in', i);
  swarmlet.wrapup();
}
