/** True if the whole text fits the pattern: `*` stands for any characters, `?` for one. */
export function matchesPattern(text: string, pattern: string): boolean {
  // Greedy with one way back to the last star: linear in practice, never exponential as a regular expression may be.
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next;
      resume = at;
      next += 1;
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      next = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[next] === '*') next += 1;
  return next === pattern.length;
}

/** The pattern list of ssh_config(5): comma between patterns, `!` in front of one that excludes; one that fits has to be there. */
export function matchesPatternList(text: string, list: string): boolean {
  const patterns = list.split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(text, pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(text, pattern));
}
