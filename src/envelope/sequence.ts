/** The greatest that a statement may have (PROTOCOL 3). What has it can only be taken off, with the same one again. */
export const greatestSequence = Number.MAX_SAFE_INTEGER;

/** What a sender takes behind `last`, the last one of a box. */
export function sequenceAfter(last: number): number {
  return Math.min(last + 1, greatestSequence);
}
