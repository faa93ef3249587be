import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../../src/cli/catalog.ts';
import { Person } from '../../support/cli.ts';
import { folderWith } from '../../support/folder.ts';

const it = suite('accessors completion');
const here = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const script = async (shell: string): Promise<string> => (await new Person('/nowhere').type(['completion', shell])).out;

/** What bash offers for these words, of which the last is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const typed = ['accessors', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `${await script('bash')}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _accessors; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', ask], { encoding: 'utf8', cwd: '/' }).trim().split('\n');
}

it('offers commands, their second words, and their options in bash', async () => {
  assert.equal(await offered('pu'), ['push']);
  assert.equal(await offered('trust', ''), ['add', 'ls', 'rm', 'follow']);
  assert.equal(await offered('push', '--lim'), ['--limit']);
  assert.equal(await offered('trust', 'add', '--pr'), ['--principal']);
  assert.equal(await offered('push', 'et'), ['etc']);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  it(`names every command and option for ${shell}`, async () => {
    const text = await script(shell);
    for (const { name, options } of commands) {
      for (const word of name.split(' ')) assert.match(text, word);
      for (const option of Object.keys(options)) assert.match(text, shell === 'fish' ? `-l ${option} ` : `--${option}`);
    }
  });
  if (!here(shell)) {
    console.log(`skipped: whether ${shell} reads its script: there is no ${shell} here`);
    continue;
  }
  it(`prints what ${shell} reads without complaint`, async () => {
    const folder = folderWith({ script: await script(shell) });
    try {
      execFileSync(shell, ['-n', join(folder.path, 'script')]);
    } finally {
      folder.remove();
    }
  });
}

it('takes no other shell', async () => {
  const { code, err } = await new Person('/nowhere').type(['completion', 'tcsh']);
  assert.is(code, 2);
  assert.match(err, /bash, zsh or fish; got 'tcsh'/);
});

it.run();
