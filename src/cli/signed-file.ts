import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { CodedError, errorText } from '../../hosts/common/index.ts';
import type { Signed } from '../client/index.ts';
import { digestOf, type Envelope, envelopeOf, parseEnvelope, parseJson, parseStatement, type Statement } from '../envelope/index.ts';
import { isServiceError } from '../errors.ts';
import type { Arguments } from './arguments.ts';
import { usageError } from './exit.ts';
import type { Io } from './io.ts';
import { jsonLine, plain } from './text.ts';

/** A statement that waits in a file for more signatures, or to be sent: the envelope as it travels, nothing else. */
export interface SignedFile {
  readonly envelope: Envelope;
  readonly statement: Statement;
  readonly digest: string;
}

/** @throws CodedError USAGE if it cannot be read, BAD_SIGNED_FILE if it is no envelope */
export function readSigned(file: string): SignedFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`${file} cannot be read: ${errorText(error)}`);
  }
  try {
    const envelope = parseEnvelope(parseJson(text, file));
    return { envelope, statement: parseStatement(envelope.payload), digest: digestOf(envelope.payload) };
  } catch (error) {
    if (!isServiceError(error)) throw error;
    throw new CodedError(
      'BAD_SIGNED_FILE',
      `${file} is no signed statement, as 'accessors push FILE --out ${file}' writes it: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

export function signedOf({ envelope }: SignedFile): Signed {
  return { envelope: envelopeOf(envelope.payload, envelope.signatures), payload: envelope.payload };
}

/** Writes what was signed to a new file, and says what may be done with it. */
export function keepSigned(file: string, signed: Signed, args: Arguments, io: Io): void {
  writeSigned(file, signed, 'new');
  const { digest } = readSigned(file);
  if (args.flag('json')) io.print(jsonLine({ file, digest }));
  else io.print(plain(`${file}: signed, not sent (${digest.slice(0, 19)}). Others sign it with: accessors sign ${file}`));
}

/** In one step; a new file is not written over another one. */
export function writeSigned(file: string, { envelope }: Signed, how: 'new' | 'again'): void {
  if (how === 'new' && existsSync(file)) throw usageError(`--out ${file}: there is such a file already`);
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(envelope)}\n`, { flag: 'wx' });
  renameSync(next, file);
}
