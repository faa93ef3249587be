import type { Action } from './command.ts';
import { followEachBox } from './follow.ts';
import { jsonLine, plain, timeOfDay } from './text.ts';

/** Values go to standard output; changes of state, which a person wants to know of, to standard error. */
export const watch: Action = (args, io) => {
  const [swarmlet = '', ...outputs] = args.words;
  const json = args.flag('json');
  return followEachBox(args, io, async (box, label) => {
    box.on('output', (output) => {
      if (output.swarmlet !== swarmlet) return;
      io.print(json ? jsonLine(output) : `${plain(label)}${timeOfDay(output.at)} ${plain(output.port)} ${jsonLine(output.value)}`);
    });
    box.on('state', ({ swarmlet: name, from, to, reason, at }) => {
      if (name !== swarmlet || !io.attended || json) return;
      io.tell(plain(`${label}${timeOfDay(at)} ${name}: ${from ?? 'new'} -> ${to}${reason ? ` (${reason})` : ''}`));
    });
    box.on('dropped', (count) => io.tell(plain(`${label}${count} values were left out: this reads too slowly`)));
    await box.subscribe(swarmlet, { outputs: outputs.length > 0 ? outputs : true, states: true });
  });
};
