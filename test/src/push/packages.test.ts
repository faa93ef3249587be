import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Image } from '../../../hosts/node/isolate/child/image.ts';
import { type Closure, swarmletFrom } from '../../../src/push/index.ts';
import { folderWith } from '../../support/folder.ts';
import { rejection } from '../../support/rejection.ts';

const it = suite('packages');
const pack = (name: string, code: string): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
  [`node_modules/${name}/index.js`]: code,
});
const folder = folderWith({
  ...pack('outer', "const { format } = require('util'); exports.say = () => format('%s %s', require('inner'), Buffer.from('x').length);"),
  ...pack('inner', "const { Buffer } = require('node:buffer'); module.exports = Buffer.from('hi').toString();"),
  ...pack('disk', "require('fs');"),
  ...pack('native', "require('./build/x.node');"),
  'node_modules/native/build/x.node': '',
  'At/Setup.js': "var outer = require('outer'); exports.setup = function () {};",
  'At/Later.js': "exports.setup = function () {}; exports.initialize = function () { require('outer').say(); };",
  'Disk.js': "require('disk'); exports.setup = function () {};",
  'Native.js': "exports.setup = function () {}; exports.fire = function () { require('native'); };",
  'Core.js': "require('node:net'); exports.setup = function () {};",
  'Web.js': "require('http-client'); require('nowhere-to-be-found'); exports.setup = function () {};",
});
it.after(folder.remove);
const closure = (name: string): Promise<Closure> => swarmletFrom({ kind: 'file', name: join(folder.path, name) });

for (const name of ['At/Setup.js', 'At/Later.js']) {
  it(`carries the packages that ${name} requires, with theirs, as files that resolve on a box`, async () => {
    const { files, modules } = await closure(name);
    assert.equal([...files.keys()].slice(1), ['node_modules/outer.js']);
    assert.equal(modules, []);
    const texts = new Map([...files].map(([file, { text }]) => [file, text]));
    const image = new Image({ files: texts, modules: new Map(), granted: [] }, undefined);
    assert.is((image.require('outer') as { say(): string }).say(), 'hi 1');
  });
}

for (const [name, words] of [
  ['Disk.js', /disk, .*Node's module fs/],
  ['Native.js', /native, .*native addon \.\/build\/x\.node/],
  ['Core.js', /requires net, .*module of Node/],
] as const) {
  it(`refuses ${name}, and names what no swarmlet can have`, async () => {
    const error = await rejection(closure(name));
    assert.is(error.code, 'NOT_PURE');
    assert.match(error.message, words);
  });
}

it('leaves to the box what is no package here', async () => {
  assert.equal((await closure('Web.js')).modules, ['http-client', 'nowhere-to-be-found']);
});

it.run();
