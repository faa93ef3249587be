/** True in `npm run test:long`: tests that have a whole and a short form run whole, and print how far they are. */
export const isLong = process.env.ACCESSORS_TEST_LONG === '1';

/** Says how far a long test is, and its figures. */
export function progress(text: string): void {
  if (isLong) console.log(`  ${new Date().toISOString().slice(11, 19)} ${text}`);
}
