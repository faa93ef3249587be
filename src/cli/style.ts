import type { Io } from './io.ts';
import type { CellStyle } from './text.ts';

const colours = { red: 31, green: 32, yellow: 33, grey: 90 } as const;
type Colour = keyof typeof colours;

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
  const plainOnly = io.columns === undefined || (io.env.NO_COLOR ?? '') !== '' || io.env.TERM === 'dumb';
  return (cell, heading) => {
    const colour = heading === 'STATE' && !plainOnly ? colourOfState[cell.trimEnd()] : undefined;
    return colour === undefined ? cell : `\x1b[${colours[colour]}m${cell}\x1b[0m`;
  };
}
