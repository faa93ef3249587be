/**
 * The file in which a class travels, by the name that was asked for: `./a/B`, `a//B.js` and `a/B.ts` are `a/B.js`. Sender and
 * box must agree on it. A name that is absolute, or leads upwards, stays so and names no file that travels.
 */
export function carriedName(asked: string): string {
  const segments = asked.split('/').filter((segment, i) => segment !== '.' && (segment !== '' || i === 0));
  const name = segments.join('/');
  if (name.endsWith('.js')) return name;
  return `${name.endsWith('.ts') ? name.slice(0, -3) : name}.js`; // only JavaScript travels
}
