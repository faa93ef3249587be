/** Measures of a drawing, in pixels at full size. Text is monospaced, so that its width is known before it is drawn. */
export const measures = Object.freeze({
  nameSize: 13,
  classSize: 10.5,
  portSize: 11,
  /** Of one character, as a part of its size. */
  advance: 0.602,
  /** Of the names of a node. */
  head: 40,
  portRow: 18,
  padding: 12,
  radius: 8,
  portRadius: 4,
  /** Value and rate beside an edge. */
  label: { width: 64, height: 26 },
  /** Longer names are cut. */
  longest: 26,
});

export interface Palette {
  readonly paper: string;
  readonly node: string;
  readonly composite: readonly [even: string, odd: string];
  readonly line: string;
  readonly edge: string;
  readonly text: string;
  readonly faint: string;
  readonly input: string;
  readonly output: string;
  readonly active: string;
}

export const palettes: { readonly light: Palette; readonly dark: Palette } = Object.freeze({
  light: {
    paper: '#fafbfc',
    node: '#ffffff',
    composite: ['#f1f4f8', '#e8edf4'],
    line: '#c3ccd8',
    edge: '#8a98ab',
    text: '#17202c',
    faint: '#5b6778',
    input: '#2563a8',
    output: '#0a7a5c',
    active: '#f59e0b',
  },
  dark: {
    paper: '#0f141b',
    node: '#1b232e',
    composite: ['#151c25', '#19212c'],
    line: '#36424f',
    edge: '#66758a',
    text: '#e8edf4',
    faint: '#9aa7b8',
    input: '#6cb2f2',
    output: '#4cc9a0',
    active: '#fbbf24',
  },
});

export const fonts = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

export function textWidth(text: string, size: number): number {
  return text.length * size * measures.advance;
}

export function cut(text: string, longest: number = measures.longest): string {
  const characters = [...text];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : text;
}
