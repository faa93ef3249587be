import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCapability } from '../../../src/envelope/index.ts';

const it = suite('capabilities');

it('takes capabilities apart', () => {
  assert.equal(parseCapability('exec'), { kind: 'exec' });
  assert.equal(parseCapability('http-client'), { kind: 'module', name: 'http-client' });
  assert.equal(parseCapability('net:connect:*.lab.example:443'), { kind: 'connect', host: '*.lab.example', port: 443 });
  assert.equal(parseCapability('net:connect:[fe80::1]:*'), { kind: 'connect', host: '[fe80::1]', port: '*' });
  assert.equal(parseCapability('net:listen:65535'), { kind: 'listen', port: 65535 });
  assert.is(parseCapability('net:listen:65536'), undefined);
});

it.run();
