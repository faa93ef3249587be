import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileEntry } from '../../../src/envelope/index.ts';
import { protocolDocument } from '../../../src/schema/index.ts';
import { AttackedBox, alice, commonFields, deployOf, operator, QUIET, sealed, stranger } from '../../support/attacked-box.ts';

const it = suite('the published document of the protocol');

interface Document {
  readonly operations: Readonly<Record<string, { readonly action: string }>>;
  readonly components: { readonly messages: Readonly<Record<string, { readonly payload: object }>>; readonly schemas: object };
}
const document = JSON.parse(JSON.stringify(protocolDocument())) as Document;

/** A check of the payload of each message; references are into the whole document. */
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } }).addSchema(document as object, 'document');
const fits = (message: string, frame: unknown): boolean => {
  const validate = ajv.getSchema(`document#/components/messages/${message.replace('/', '~1')}/payload`);
  if (!validate) throw new Error(`no message ${message}`);
  return validate(frame) as boolean;
};

let box: AttackedBox;
it.before(async () => {
  box = await AttackedBox.open();
});
it.after(() => box.close());

it('has every reference that it makes', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path as string);
  assert.ok(references.length > 50);
  for (const path of references) {
    const found = path.split('/').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], document);
    assert.ok(found, path);
  }
});

it('describes every frame of a conversation in which each call is made, and fails, once', async () => {
  const wire = await box.wire(operator);
  const asked: object[] = [];
  const send = wire.send.bind(wire);
  wire.send = (text) => {
    if (typeof text === 'string') asked.push(JSON.parse(text) as object);
    send(text);
  };
  let sequence = 100;
  const change = (action: string, more: object = {}): object => ({
    envelope: sealed({ action, swarmlet: 'talk', ...commonFields(), ...more }, operator),
  });
  const talk = QUIET.replace('var self = this;', "var self = this; console.log('said'); this.send('out', 1);");
  const { sha256, size } = fileEntry(talk);
  await wire.call('subscribe', { swarmlet: 'talk', outputs: true, states: true });
  const envelope = sealed(deployOf('talk', ++sequence, talk, { files: { 'Main.js': { sha256, size } } }), operator);
  await wire.call('deploy', { envelope });
  wire.send(Buffer.from(talk));
  const { result } = await wire.call('deploy', { envelope });
  assert.is((result as { state: string }).state, 'running');
  await wire.call('logs', { swarmlet: 'talk', follow: true });
  await wire.call('restart', change('restart', { sequence: ++sequence }));
  await wire.call('input', change('input', { port: 'in', value: { a: [1, null] } }));
  await wire.call(
    'rollback',
    change('rollback', {
      sequence: ++sequence,
      to: `sha256:${createHash('sha256')
        .update(Buffer.from((envelope as { payload: string }).payload, 'base64'))
        .digest('hex')}`,
    }),
  );
  for (const method of ['list', 'audit']) await wire.call(method, {});
  for (const method of ['status', 'history', 'unsubscribe']) await wire.call(method, { swarmlet: 'talk' });
  await wire.call('undeploy', change('undeploy', { sequence: ++sequence }));
  for (const method of Object.keys(document.operations)) {
    if (document.operations[method]?.action !== 'receive' || method === 'file') continue;
    assert.ok((await wire.call(method, { stranger: 1 })).error, method);
  }
  assert.ok((await wire.call('status', { swarmlet: 'nobody' })).error);
  await wire.notification('log');

  const methods = new Map(asked.map((frame) => [(frame as { id: unknown }).id, (frame as { method: string }).method]));
  const seen = new Set<string>();
  for (const frame of wire.messages) {
    const message = frame.method ?? (frame.error ? 'error' : `${methods.get(frame.id) ?? 'authenticate'}.result`);
    seen.add(message);
    assert.ok(fits(message, frame), `${message}: ${JSON.stringify(frame).slice(0, 300)}`);
  }
  for (const frame of asked) {
    const { method, params } = frame as { method: string; params: object };
    seen.add(method);
    assert.is(fits(method, frame), !('stranger' in params), `${method}: ${JSON.stringify(params).slice(0, 200)}`);
  }
  const unseen = Object.keys(document.components.messages).filter((name) => !seen.has(name));
  // A slow reader is told what it missed, files are no JSON, and the connection was opened before its frames were kept.
  assert.equal(unseen.sort(), ['dropped', 'file']);
});

it('names no call that a box does not have, and none that it refuses to know', async () => {
  const wire = await box.wire(alice);
  assert.is((await wire.call('reboot', {})).error?.code, -32601);
  for (const [name, { action }] of Object.entries(document.operations)) {
    if (action === 'receive' && name !== 'file' && name !== 'authenticate')
      assert.is.not((await wire.call(name, { stranger: 1 })).error?.code, -32601, name);
  }
  const client = box.client();
  const refused = await client.call('authenticate', { envelope: await client.introduction(box.id, stranger) });
  assert.ok(fits('error', refused));
});

it.run();
