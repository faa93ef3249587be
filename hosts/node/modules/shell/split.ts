/** What a shell would not pass on as it is. */
const special = /[|&;<>()$`*?[\]{}~#!]/;

/**
 * The words of a command. Quotes hold a word together, a backslash takes the next character as it is (not between single
 * quotes).
 * @throws Error at what only a shell does, and at a quote that does not end
 */
export function split(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < command.length; i++) {
    const character = command[i] as string;
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"' && /["\\]/.test(command[i + 1] ?? '')) word += command[++i] as string;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\' && i + 1 < command.length) {
      word = (word ?? '') + command[++i];
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (special.test(character)) {
      throw new Error(
        `There is no shell that would make something of ${character} in: ${command}. To pass it on as it is, put it in quotes.`,
      );
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') throw new Error(`A quote is not closed in: ${command}`);
  return word === undefined ? words : [...words, word];
}
