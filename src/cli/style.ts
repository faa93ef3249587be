import type { Io } from './io.ts';
import type { CellStyle } from './text.ts';

const colours = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, grey: 90 } as const;
export type Colour = keyof typeof colours;
export type Paint = (colour: Colour, text: string) => string;

/** To tell boxes apart; red and grey mean something. */
export const boxColours: readonly Colour[] = ['cyan', 'magenta', 'yellow', 'blue', 'green'];

/** Colours text, on a terminal that is to show colours. */
export function painterOf(io: Io): Paint {
  const plainOnly = io.columns === undefined || (io.env.NO_COLOR ?? '') !== '' || io.env.TERM === 'dumb';
  return (colour, text) => (plainOnly ? text : `\x1b[${colours[colour]}m${text}\x1b[0m`);
}

const colourOfState: Readonly<Record<string, Colour>> = {
  running: 'green',
  completed: 'green',
  failed: 'red',
  backoff: 'yellow',
  starting: 'yellow',
  stopping: 'yellow',
  staged: 'yellow',
  stopped: 'grey',
  expired: 'grey',
  superseded: 'grey',
};

/** Colours the cells of the column STATE, on a terminal that is to show colours. */
export function stateStyle(io: Io): CellStyle {
  const paint = painterOf(io);
  return (cell, heading) => {
    const colour = heading === 'STATE' ? colourOfState[cell.trimEnd()] : undefined;
    return colour === undefined ? cell : paint(colour, cell);
  };
}
