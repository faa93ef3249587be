import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatArmored, generateKeyPair, type KeyId, signSsh } from '../../../src/envelope/index.ts';
import { parseAllowedSigners, parseRevokedKeys } from '../../../src/trust/index.ts';
import { code, sshKeygen } from '../../support/envelopes.ts';
import { folderWith } from '../../support/folder.ts';
import { hasOpenSsh } from '../../support/keys.ts';

const it = suite('the trust list');
const openSsh = hasOpenSsh ? it : it.skip;
if (!hasOpenSsh) console.log('skipped: comparison with what ssh-keygen -Y verify takes: it is not installed');
const folder = folderWith();
it.after(() => folder.remove());

const { publicKey, privateKey } = generateKeyPair();
const other = generateKeyPair().publicKey;
const { id, text } = publicKey;
const rsa = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==';
const parse = (list: string) => parseAllowedSigners(list, 'trusted_keys');
const keyOf = (list: string) => parse(list).keys.get(id);
const day = (year: number, month: number, date: number) => Date.UTC(year, month - 1, date);

/** One line each, that should name the key for us; true if `ssh-keygen -Y verify -I alice` should take it as well. */
const taken: Record<string, string> = {
  plain: `alice ${text}`,
  'several principals': `alice,bob@lab ${text}`,
  'principals in quotes': `"alice,bob the builder" ${text}`,
  'tabs and blanks': `  \talice\t ${text}`,
  'the end of line of another system': `alice ${text}\r`,
  'a comment': `alice ${text} laptop "of" alice # old`,
  namespace: `alice namespaces="swarmlet" ${text}`,
  'an option in capitals': `alice NAMESPACES="swarmlet" ${text}`,
  'namespaces with patterns': `alice namespaces="git,swarm*" ${text}`,
  'a namespace with ?': `alice namespaces="swarmle?" ${text}`,
  'a quote inside a value': `alice namespaces="a\\"b,swarmlet" ${text}`,
  times: `alice valid-after="20200101",valid-before="20990101Z" ${text}`,
  'a time with utc': `alice valid-after="202001011200utc" ${text}`,
  'a day after the end of its month': `alice valid-after="20200231" ${text}`,
  'a leap second': `alice valid-after="20200101235960Z" ${text}`,
};
const refused: Record<string, readonly [line: string, words: string]> = {
  'a line without a key': ['alice', 'expected a key'],
  'a quote inside a principal': [`al"ice ${text}`, 'expected PRINCIPALS'],
  'a quote that does not end in front': [`"alice ${text}`, 'expected PRINCIPALS'],
  'a value without quotes': [`alice namespaces=swarmlet ${text}`, 'option namespaces needs a value in quotes'],
  'a quote that does not end': [`alice namespaces="swarmlet ${text}`, 'a quote in the options does not end'],
  'a comma at the end of the options': [`alice valid-after="20200101", ${text}`, 'expected an option, got ""'],
  'options that are apart': [`alice valid-after="20200101" namespaces="swarmlet" ${text}`, 'expected a type of key'],
  'an end before the start': [`alice valid-after="20990101",valid-before="20200101" ${text}`, 'valid-before is not later'],
  'a time without minutes': [`alice valid-after="2020010112" ${text}`, 'option valid-after should be'],
  'a 13th month': [`alice valid-after="20201301" ${text}`, 'option valid-after should be'],
  'a time with a T': [`alice valid-after="20200101T000000" ${text}`, 'option valid-after should be'],
  'a time with hyphens': [`alice valid-after="2020-01-01" ${text}`, 'option valid-after should be'],
  'the first instant of all': [`alice valid-before="19700101Z" ${text}`, 'option valid-before should be'],
  'an hour 24': [`alice valid-after="202001012460Z" ${text}`, 'option valid-after should be'],
  'an option twice': [`alice valid-after="20200101",valid-after="20200101" ${text}`, 'option valid-after stands twice'],
  'namespaces twice': [`alice namespaces="git",namespaces="swarmlet" ${text}`, 'option namespaces stands twice'],
  'an unknown option': [`alice command="x" ${text}`, 'unknown option "command"'],
  'a misspelt option': [`alice namespace="swarmlet" ${text}`, 'unknown option "namespace"'],
  'a key that is no base64': ['alice ssh-ed25519 AAAA!', 'public key: expected base64'],
  'a key that is cut': [`alice ${text.slice(0, -4)}`, 'public key: cut short'],
  'a type that nobody knows': [`alice ssh-foo ${text.split(' ')[1]}`, 'expected a'],
};

for (const [title, line] of Object.entries(taken)) {
  it(`takes ${title}`, () => {
    assert.is(keyOf(line)?.principal, 'alice');
    assert.equal(parse(line).warnings, []);
  });
}
for (const [title, [line, words]] of Object.entries(refused)) {
  it(`refuses ${title}, and says where`, () => {
    assert.throws(() => parse(`# list\n\n${line}\n`), code('BAD_FILE', 'trusted_keys:3: '));
    assert.throws(() => parse(line), code('BAD_FILE', words));
  });
}

openSsh('takes and refuses these lines as ssh-keygen does', () => {
  const signers = join(folder.path, 'allowed_signers');
  const signature = join(folder.path, 'm.sig');
  writeFileSync(signature, formatArmored(signSsh({ publicKey, privateKey }, 'swarmlet', Buffer.from('m'))));
  const verify = (line: string) => {
    writeFileSync(signers, `${line}\n`);
    sshKeygen(['-Y', 'verify', '-f', signers, '-I', 'alice', '-n', 'swarmlet', '-s', signature], 'm');
  };
  for (const line of Object.values(taken)) verify(line);
  for (const [line] of Object.values(refused)) assert.throws(() => verify(line), /ssh-keygen/, line);
});

it('gives principals, times and line of a key', () => {
  const trusted = keyOf(`# who\n\nalice@lab,box:attic valid-after="20261122Z",valid-before="20261123184429Z" ${text} x\n`);
  assert.is(trusted?.principal, 'alice@lab');
  assert.equal(trusted?.principals, ['alice@lab', 'box:attic']);
  assert.is(trusted?.validAfter, day(2026, 11, 22));
  assert.is(trusted?.validBefore, Date.UTC(2026, 10, 23, 18, 44, 29));
  assert.is(trusted?.touchRequired, true);
  assert.is(trusted?.line, 3);
  assert.is(keyOf(`a no-touch-required ${text}`)?.touchRequired, false);
});

openSsh('reads local times as ssh-keygen does: in standard time, also in summer', () => {
  const ca = join(folder.path, 'ca');
  sshKeygen(['-q', '-t', 'ed25519', '-N', '', '-f', ca]);
  const before = process.env.TZ;
  try {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Sydney', 'Asia/Kolkata']) {
      process.env.TZ = zone;
      for (const time of ['20260115', '202607151230', '20261122184429']) {
        sshKeygen(['-q', '-s', ca, '-I', 'x', '-n', 'y', '-V', `${time}:20300101`, `${ca}.pub`], '', { TZ: zone });
        const shown = sshKeygen(['-L', '-f', `${ca}-cert.pub`], '', { TZ: 'UTC' });
        const expected = Date.parse(`${/from (\S+)/.exec(shown)?.[1]}Z`);
        assert.is(keyOf(`a valid-after="${time}" ${text}`)?.validAfter, expected, `${zone} ${time}`);
      }
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

for (const [title, line, words] of [
  ['an RSA key', `alice ${rsa}`, 'keys of type ssh-rsa'],
  ['an RSA key with options', `alice valid-after="20200101" ${rsa}`, 'keys of type ssh-rsa'],
  ['a certificate', 'alice ssh-ed25519-cert-v01@openssh.com AAAA', 'keys of type ssh-ed25519-cert-v01@openssh.com'],
  ['a certificate of a token', 'alice sk-ssh-ed25519-cert-v01@openssh.com AAAA', 'keys of type sk-ssh'],
  ['an ECDSA key of a token', 'alice sk-ecdsa-sha2-nistp256@openssh.com AAAA', 'keys of type sk-ecdsa'],
  ['an authority for certificates', `alice cert-authority ${text}`, 'certificates are not used here'],
  ['a key for another namespace', `alice namespaces="git,file" ${text}`, 'it is for the namespaces "git,file"'],
  ['a key for no namespace', `alice namespaces="" ${text}`, 'it is for the namespaces ""'],
  ['a key for all but ours', `alice namespaces="!swarmlet,*" ${text}`, 'it is for the namespaces'],
  ['a namespace with a blank in front', `alice namespaces="git, swarmlet" ${text}`, 'it is for the namespaces'],
] as const) {
  it(`skips ${title} with a warning that names the line`, () => {
    const { keys, warnings } = parse(`bob ${other.text}\n${line}\n`);
    assert.equal([...keys.keys()], [other.id]);
    assert.is(warnings.length, 1);
    assert.match(warnings[0] ?? '', 'trusted_keys:2: skipped: ');
    assert.ok(warnings[0]?.includes(words), warnings[0]);
  });
}

it('refuses a key that stands twice, whoever it names', () => {
  assert.throws(() => parse(`alice ${text}\nbob ${text}`), code('BAD_FILE', `trusted_keys:2: key ${id} stands in line 1`));
  assert.ok(parse(`alice namespaces="git" ${text}\nbob ${text}`).keys.has(id)); // the first line is for others
});

it('refuses a key of small order', () => {
  const blob = Buffer.concat([publicKey.blob.subarray(0, -32), Buffer.alloc(32)]).toString('base64');
  assert.throws(() => parse(`alice ssh-ed25519 ${blob}`), code('BAD_FILE', 'trusted_keys:1: public key: the key has a small order'));
});

it('refuses a principal that looks like another', () => {
  for (const name of ['al\u200bice', '\ufeffalice', 'alice\u0000', 'alice,,bob', '""']) {
    assert.throws(() => parse(`${name} ${text}`), code('BAD_FILE', 'principal'));
  }
});

it('trusts nobody by an empty list', () => {
  for (const list of ['', '\n', '# alice\n   \n\t# bob']) assert.is(parse(list).keys.size, 0);
});

it('reads revoked keys: fingerprints, keys of every type and strength, comments', () => {
  const weak = Buffer.concat([publicKey.blob.subarray(0, -32), Buffer.alloc(32)]).toString('base64');
  const list = `# lost\n\n${id} alice's laptop\r\n  ${other.text} bob\n${rsa}\nssh-ed25519 ${weak}\n`;
  const revoked = parseRevokedKeys(list, 'revoked_keys');
  assert.is(revoked.size, 4);
  assert.ok(revoked.has(id) && revoked.has(other.id));
});

for (const line of ['alice', `alice ${text}`, 'SHA256:abc', 'ssh-ed25519', 'ssh-ed25519 AAAA', `SHA256:${'A'.repeat(42)}B` as KeyId]) {
  it(`refuses ${JSON.stringify(line).slice(0, 30)} among the revoked keys`, () => {
    assert.throws(() => parseRevokedKeys(`${id}\n${line}\n`, 'revoked_keys'), code('BAD_FILE', 'revoked_keys:2: '));
  });
}

it.run();
