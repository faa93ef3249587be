/** A frame counts as one message, and as one more for each 4 KiB of it: so large ones are slowed as well. */
export function weightOf(bytes: number): number {
  return 1 + (bytes >>> 12);
}
