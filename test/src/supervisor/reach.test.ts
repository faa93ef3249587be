import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reachOf } from '../../../src/supervisor/reach.ts';

const it = suite('what capabilities reach');
const anywhere = { host: '*', port: '*' };

const places: readonly [title: string, asked: readonly string[], allowed: readonly string[], connect: unknown, listen: unknown][] = [
  ['nothing without any', [], ['*'], [], []],
  ['any place with a module alone', ['http-client'], ['http-client'], [anywhere], []],
  ['any place where the policy is everything', ['@accessors-modules/mqtt'], ['*'], [anywhere], []],
  ['what the statement names', ['http-client', 'net:connect:a:80'], ['*'], [{ host: 'a', port: 80 }], []],
  ['what the policy names', ['http-client'], ['http-client', 'net:connect:*.lab:443'], [{ host: '*.lab', port: 443 }], []],
  ['any port with a server', ['http-server'], ['*'], [], ['*']],
  ['the ports of the policy', ['http-server'], ['http-server', 'net:listen:8080'], [], [8080]],
  ['one direction only where one was named', ['net:listen:80'], ['net:listen:80', 'net:connect:a:1'], [], [80]],
  ['one place, and any port', ['socket', 'net:connect:a:1'], ['*'], [{ host: 'a', port: 1 }], ['*']],
];
for (const [title, asked, allowed, connect, listen] of places) {
  it(`is ${title}`, () => {
    const { reach } = reachOf(asked, allowed);
    assert.equal([reach.connect, reach.listen], [connect, listen]);
  });
}

it('names modules the same way however they are asked for', () => {
  assert.equal(reachOf(['@accessors-modules/http-client', 'http-client', 'exec', 'net:listen:*', 'serial', 'files'], []).modules, [
    'http-client',
    'shell',
    'socket',
    'serial',
    'fs',
  ]);
});

it('runs all programs with exec, and those of a module with that', () => {
  assert.equal(reachOf(['exec'], []).reach.programs, ['*']);
  assert.equal(reachOf(['shell'], []).reach.programs, ['*']);
  assert.equal(reachOf(['tesseract'], []).reach.programs, ['tesseract stdin stdout -l * --psm *']);
  assert.equal(reachOf(['http-client', 'trusted'], ['*']).reach.programs, []);
});

it.run();
