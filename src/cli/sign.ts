import { CodedError } from '../../hosts/common/index.ts';
import { type BoxConnection, signAgain } from '../client/index.ts';
import type { Statement } from '../envelope/index.ts';
import type { Action } from './command.ts';
import { askEachBox } from './each-box.ts';
import { exit } from './exit.ts';
import { delivered, type Submitted } from './push-shown.ts';
import { chosenSigner } from './session.ts';
import { readSigned, type SignedFile, signedOf, writeSigned } from './signed-file.ts';
import { jsonLine, plain } from './text.ts';

/** Adds the signature of one more person to a statement in a file, and shows what it says. */
export const sign: Action = async (args, io) => {
  const file = args.words[0] as string;
  const signed = readSigned(file);
  if (!args.flag('json')) for (const line of linesOf(signed)) io.tell(plain(line));
  const signer = await chosenSigner(args, io, io.signal);
  if (signed.envelope.signatures.some(({ keyId }) => keyId === signer.keyId)) {
    throw new CodedError('SIGNED_ALREADY', `${file} has the signature of ${signer.keyId} already: another person has to sign it`);
  }
  const all = await signAgain(signed.envelope, signer);
  writeSigned(file, all, 'again');
  const result = readSigned(file);
  if (args.flag('json')) io.print(jsonLine(asJson(result)));
  else io.print(plain(`${file}: signed by ${keysOf(result).join(', ')}. Send it with: accessors submit ${file}`));
  return exit.done;
};

/** Sends a statement that was signed before. */
export const submit: Action = async (args, io) => {
  const signed = readSigned(args.words[0] as string);
  return askEachBox<Submitted>(args, io, (box) => submitted(signed, box), {
    json: (value) => value,
    lines: (answers) => answers.map(({ target, value }) => delivered(target, value)),
  });
};

/** Somebody else may have sent it already; then what came of it is told. */
async function submitted(signed: SignedFile, box: BoxConnection): Promise<Submitted> {
  try {
    return await box.submit(signedOf(signed));
  } catch (error) {
    const { statement, digest } = signed;
    const isOurs =
      error instanceof CodedError && error.code === 'REPLAYED' && (error.detail as { digest?: unknown } | null)?.digest === digest;
    if (!isOurs || !('swarmlet' in statement)) throw error;
    return box.status(statement.swarmlet);
  }
}

function keysOf({ envelope }: SignedFile): string[] {
  return envelope.signatures.map(({ keyId }) => keyId);
}

function asJson(signed: SignedFile): object {
  return { digest: signed.digest, statement: signed.statement, signatures: keysOf(signed) };
}

/** What a person should read before he signs it. */
function linesOf(signed: SignedFile): string[] {
  const { statement, digest } = signed;
  const about = 'swarmlet' in statement ? ` ${statement.swarmlet}` : '';
  const version = statement.action === 'deploy' ? ` ${statement.version}` : '';
  return [
    `${statement.action}${about}${version} (${digest})`,
    `  for ${statement.audience.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry))).join(', ')}, until ${statement.expires}`,
    ...detailsOf(statement),
    `  signed by ${keysOf(signed).join(', ')}`,
  ];
}

function detailsOf(statement: Statement): string[] {
  if (statement.action === 'rollback') return [`  to ${statement.to}`];
  if (statement.action === 'input') return [`  ${statement.port} = ${JSON.stringify(statement.value)}`];
  if (statement.action !== 'deploy') return [];
  const { files, capabilities, parameters, sealed, limits, isolation } = statement;
  const asked = { capabilities, parameters, sealed: sealed && Object.keys(sealed), limits, isolation };
  return [
    ...Object.entries(files).map(([name, { sha256, size }]) => `  ${name}  ${size} bytes  sha256:${sha256}`),
    ...Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [`  ${name} ${JSON.stringify(value)}`])),
  ];
}
