export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'gap';
  readonly text: string;
  /** In the old and in the new text, from 1. */
  readonly old: number | undefined;
  readonly new: number | undefined;
}

/** Cells of the table that is filled; texts that differ by more are shown as removed and added. */
const MOST_CELLS = 4_000_000;
/** Lines that are shown around each change. */
const AROUND = 3;

/** What differs between two texts, line by line, with some lines around each change. */
export function diff(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const middle = changes(a.slice(head, a.length - tail), b.slice(head, b.length - tail), head);
  const same = (i: number, j: number): DiffLine => ({ kind: 'same', text: a[i] ?? '', old: i + 1, new: j + 1 });
  const all = [
    ...a.slice(0, head).map((_, i) => same(i, i)),
    ...middle,
    ...Array.from({ length: tail }, (_, i) => same(a.length - tail + i, b.length - tail + i)),
  ];
  return folded(all);
}

/** By the longest common sequence of lines. */
function changes(a: readonly string[], b: readonly string[], offset: number): DiffLine[] {
  const removed = (i: number): DiffLine => ({ kind: 'removed', text: a[i] ?? '', old: offset + i + 1, new: undefined });
  const added = (j: number): DiffLine => ({ kind: 'added', text: b[j] ?? '', old: undefined, new: offset + j + 1 });
  if (a.length * b.length > MOST_CELLS) return [...a.map((_, i) => removed(i)), ...b.map((_, j) => added(j))];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i] ?? '', old: offset + ++i, new: offset + ++j });
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) lines.push(removed(i++));
    else lines.push(added(j++));
  }
  return lines;
}

function folded(lines: readonly DiffLine[]): DiffLine[] {
  const near = new Set<number>();
  for (const [i, { kind }] of lines.entries()) {
    if (kind !== 'same') for (let k = i - AROUND; k <= i + AROUND; k++) near.add(k);
  }
  return lines.flatMap((line, i): DiffLine[] => {
    if (near.has(i)) return [line];
    return near.has(i - 1) || i === 0 ? [{ kind: 'gap', text: '', old: undefined, new: undefined }] : [];
  });
}
