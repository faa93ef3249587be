import { statusIfAny } from '../push/index.ts';
import { atRest } from './at-rest.ts';
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
    const status = await statusIfAny(box, swarmlet);
    const there = status ? atRest(status) : `There is no swarmlet "${swarmlet}" on this box yet`;
    if (there !== undefined) io.tell(plain(`${label}${there}; what it sends later is shown here, until Ctrl-C`));
    else if (io.attended) io.tell(plain(`${label}${swarmlet} is running; what it sends is shown here, until Ctrl-C`));
  });
};
