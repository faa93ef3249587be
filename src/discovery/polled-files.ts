import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const everyMs = 500;
const maxBytes = 4 * 1024 * 1024;

/** A file as it is now; `text` is undefined when it is gone. */
export interface PolledFile {
  readonly path: string;
  readonly text: string | undefined;
}

/**
 * Looks at files twice a second, as links, network disks and files that come later ask for, until `signal` aborts.
 * @param patterns  paths; the last segment may have `*` in it
 * @param changed   called with those that changed since the last look; first with all, also if there are none
 * @param failed    called with what cannot be read; that file stays as it was
 */
export async function pollFiles(
  patterns: readonly string[],
  signal: AbortSignal,
  changed: (files: readonly PolledFile[]) => void,
  failed: (path: string, error: unknown) => void,
): Promise<void> {
  const seen = new Map<string, string>();
  for (let first = true; !signal.aborted; first = false) {
    const paths = new Set((await Promise.all(patterns.map(matches))).flat());
    const news: PolledFile[] = [...seen.keys()].filter((path) => !paths.has(path)).map((path) => ({ path, text: undefined }));
    for (const { path } of news) seen.delete(path);
    for (const path of paths) {
      const look = await lookOf(path);
      if (look === seen.get(path)) continue;
      seen.set(path, look);
      try {
        if ((await stat(path)).size > maxBytes) throw new Error(`has more than ${maxBytes} bytes`);
        news.push({ path, text: await readFile(path, 'utf8') });
      } catch (error) {
        failed(path, error);
      }
    }
    if (first || news.length > 0) changed(news);
    await pause(everyMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
  }
}

async function matches(pattern: string): Promise<string[]> {
  const [folder, last] = [dirname(pattern), basename(pattern)];
  if (!last.includes('*')) return (await lookOf(pattern)) === 'ENOENT' ? [] : [pattern];
  const parts = last.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const fits = new RegExp(`^${parts.join('.*')}$`);
  const names = await readdir(folder).catch(() => []); // it may come later
  return names
    .filter((name) => fits.test(name) && !name.startsWith('.'))
    .sort()
    .map((name) => join(folder, name));
}

async function lookOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
