/**
 * Runs the tests of this folder whole, one after the other: `npm run test:long`. What they print is shown as it comes. With
 * arguments, only files whose name contains one. `npm test` runs them too, each in its short form.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const only = process.argv.slice(2);
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
const failed: string[] = [];
for (const name of files.filter((file) => only.length === 0 || only.some((part) => file.includes(part)))) {
  const began = Date.now();
  console.log(`${name}`);
  const args = ['--expose-gc', '--import', 'tsx', join(import.meta.dirname, name)];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ACCESSORS_TEST_LONG: '1' } });
  console.log(`${status === 0 ? ' ok ' : 'FAIL'} ${name} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
  if (status !== 0) failed.push(name);
}
process.exitCode = failed.length > 0 ? 1 : 0;
