const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for HTML or SVG, in elements and in attributes with double quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => marks[mark] ?? '');
}
