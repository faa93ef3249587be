import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskOf } from '../../../src/supervisor/mask.ts';

const it = suite('mask');

it('hides texts, as they are and as JSON writes them, and lines of them', () => {
  const mask = maskOf({ key: 'open "sesame"', pem: 'BEGIN\nabcdef\nEND' });
  assert.is(mask('got open "sesame", {"k":"open \\"sesame\\""}'), 'got (sealed), {"k":"(sealed)"}');
  assert.is(mask('abcdef'), '(sealed)');
});

it('hides what is inside of objects and lists, and numbers', () => {
  const mask = maskOf({ login: { user: 'alice', pin: [123456] } });
  assert.is(mask('alice 123456 {"user":"alice","pin":[123456]}'), '(sealed) (sealed) (sealed)');
});

it('hides the beginning of a text at the end of what was cut', () => {
  const mask = maskOf({ key: 'open sesame' });
  assert.is(mask('"say open ses…'), '"say (sealed)…');
  assert.is(mask('"say open sesame…'), '"say (sealed)…');
  assert.is(mask('"say ope…'), '"say ope…'); // too short to be told from other text
  assert.is(mask('"say open ses'), '"say open ses');
});

it('leaves what is too short to be told from other text', () => {
  assert.is(maskOf({ on: true, a: 'x', none: null })('x true null'), 'x true null');
});

it.run();
