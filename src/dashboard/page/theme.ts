import { keep, kept } from './kept.ts';

export type Theme = 'light' | 'dark';

/** Undefined: as the system has it. */
export function chosenTheme(): Theme | undefined {
  const theme = kept('theme');
  return theme === 'light' || theme === 'dark' ? theme : undefined;
}

export function currentTheme(): Theme {
  return chosenTheme() ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

export function show(theme: Theme | undefined): void {
  if (theme) document.documentElement.dataset.theme = theme;
}

export function choose(theme: Theme): void {
  keep('theme', theme);
  show(theme);
  dispatchEvent(new Event('theme'));
}

/** Calls back when another theme is shown. */
export function onTheme(callback: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  query.addEventListener('change', callback);
  addEventListener('theme', callback);
  return () => {
    query.removeEventListener('change', callback);
    removeEventListener('theme', callback);
  };
}
