import { spawnSync } from 'node:child_process';
import { root, run } from './run.ts';

/** Where Debian's package puts them, and others do. */
function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

export const hasPrometheus = has('prometheus') && has('promtool');

/** Runs promtool; resolves with what it says, '' if it finds nothing. */
export async function promtool(args: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await run('promtool', args, { cwd: root, ...(stdin !== undefined && { stdin }) });
  const said = `${stdout}${stderr}`;
  return code === 0 ? '' : said || `it ended with ${code}`;
}

/** One line of an exposition: `name{labels}` -> value. */
export function seriesOf(exposition: string): Map<string, number> {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}
