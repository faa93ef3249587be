/**
 * A box that can be killed: opens a tier, runs the swarmlet given, and prints `{pid, outer}` of its isolate as a line.
 * Arguments: runtime, level, file of the swarmlet, reactionMs, state folder ('' = none), 'bare' = as if setpriv were missing.
 */
import { readFileSync } from 'node:fs';
import { openProcessTier, type ProcessLevel } from '../../hosts/node/isolate/index.ts';
import { findTools } from '../../hosts/node/isolate/launch.ts';
import { image, limits } from './isolate.ts';

const [runtime, level, file, reactionMs, state, tools] = process.argv.slice(2) as [string, ProcessLevel, string, string, string, string];
const within = limits({ reactionMs: Number(reactionMs) });
const tier = await openProcessTier({
  pool: 1,
  log: (_level, message) => console.error(message),
  runtime,
  level,
  state,
  ...(tools === 'bare' && { tools: { ...findTools(), setpriv: undefined } }),
});
const isolate = await tier.claim(within);
isolate.on('output', (_port, value) => console.log(JSON.stringify({ pid: isolate.pid, value })));
isolate.on('ended', (end) => console.error(JSON.stringify(end)));
await isolate.start(image(readFileSync(file, 'utf8')), within);
