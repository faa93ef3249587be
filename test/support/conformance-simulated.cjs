// The same host with simulated time: `advance` lets it pass.
const { join } = require('node:path');

const { NodeHost, SimulatedClock, nodePlatform } = require(join(__dirname, '../../dist/index.cjs'));

const clock = new SimulatedClock(nodePlatform);

const node = new NodeHost({ clock });

module.exports = { ...node, host: node, advance: (ms) => clock.advance(ms) };
