// The host as the conformance runner of the specification wants it.
const { join } = require('node:path');

const root = join(__dirname, '../..');
const host = require(join(root, 'dist/index.cjs'));

module.exports = {
  ...host,
  cli: [process.execPath, join(root, 'hosts/node/nodeHostInvoke.js')],
  shell: [process.execPath, join(root, 'hosts/node/nodeHostShell.js')],
  main: join(root, 'dist/index.cjs'),
};
