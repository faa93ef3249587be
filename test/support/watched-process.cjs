// Loaded into a box under test before its own code: collects garbage at SIGUSR2, so that what is measured is what is held, and sets its
// clock wrong by CLOCK_OFFSET_MS.
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  require('node:v8').setFlagsFromString('--expose-gc');
  const collect = require('node:vm').runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    // After that V8 keeps empty pages for later, in Node.js 24 some thirty MiB after a flood; not after one as when memory runs out.
    // Node.js 20 knows no flavor and only looks at the nursery here, so this cannot be the only one.
    collect({ type: 'major', flavor: 'last-resort' });
  });
}

const offset = Number(process.env.CLOCK_OFFSET_MS ?? 0);
if (offset !== 0) {
  const { now } = Date;
  Date.now = () => now() + offset;
  globalThis.Date = new Proxy(Date, { construct: (target, args) => new target(...(args.length === 0 ? [Date.now()] : args)) });
}
