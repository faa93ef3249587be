// Controls of a terminal, marks that turn or hide text, lone surrogates, and what some readers take for line ends.
const controls = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text from outside as it may stand on a terminal: one line, whatever could act on the terminal visible as `\uNNNN`. */
export function plain(text: unknown): string {
  return String(text).replace(controls, escaped);
}

/** JSON in one line, in which the same characters are escaped as JSON does. */
export function jsonLine(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(controls, escaped);
}

function escaped(character: string): string {
  const unit = (i: number): string => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return character.length === 1 ? unit(0) : unit(0) + unit(1);
}

/** `HH:MM:SS.mmm` of local time. */
export function timeOfDay(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return plain(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
