import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root, run } from '../../support/run.ts';

const it = suite('log on standard error');

/** A program that has such a log and does this. */
const program = (body: string): string[] => {
  const log = `const { openLog } = await import(${JSON.stringify(join(root, 'src/audit/index.ts'))}); const log = openLog();`;
  return ['--import', 'tsx', '--input-type=module', '-e', `${log} ${body}`];
};
const linesOf = (stderr: string): { readonly msg?: string; readonly event?: string; readonly lines?: number }[] => {
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
};

it('writes in order what was told before the process ends', async () => {
  const body = `
    (await import('node:crypto')).pbkdf2('a', 'b', 100_000, 64, 'sha512', () => {}); // what writes in the background is busy
    for (let i = 0; i < 1000; i++) log.info(String(i));
    await log.written();
    process.exit();`;
  const { stderr } = await run(process.execPath, program(body), { cwd: root, env: { ...process.env, UV_THREADPOOL_SIZE: '1' } });
  assert.equal(
    linesOf(stderr).map(({ msg }) => msg),
    Array.from({ length: 1000 }, (_, i) => String(i)),
  );
});

it('neither waits for a reader that does not read nor keeps everything for him, and tells how much was lost', async () => {
  const body = `
    const line = 'x'.repeat(1000);
    for (let i = 0; i < 20_000; i++) {
      log.info(line);
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await log.written();
    process.stdout.write('gave up\\n');
    process.stdin.once('data', async () => {
      await log.written();
      log.info('last');
      await log.written();
      process.exit();
    });`;
  const child = spawn(process.execPath, program(body), { cwd: root, stdio: 'pipe' });
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  try {
    await once(child.stdout, 'data');
    const read = text(child.stderr);
    child.stdin.write('read\n');
    const lines = linesOf(await read);
    const kept = lines.filter(({ msg }) => msg?.startsWith('x')).length;
    const lost = lines.filter(({ event }) => event === 'lines lost').reduce((sum, one) => sum + (one.lines ?? 0), 0);
    assert.is(kept + lost, 20_000);
    assert.ok(kept < 8000, `${kept} lines of 20 MB were kept`);
    assert.is(lines.at(-1)?.msg, 'last');
  } finally {
    clearTimeout(limit);
    child.kill('SIGKILL');
  }
});

it.run();
