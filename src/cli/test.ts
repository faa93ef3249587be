import { inspect } from 'node:util';
import type { Action } from './command.ts';
import { exit, usageError } from './exit.ts';
import { jsonLine, plain } from './text.ts';
import { type TestOutcome, tryOut } from './trial.ts';

/** Long enough for most, and the end of what would go on for ever. */
const TIMEOUT_MS = 60_000;

export const test: Action = async (args, io) => {
  const timeoutMs = Number(args.text('timeout') ?? TIMEOUT_MS);
  if (!(timeoutMs >= 0)) throw usageError(`--timeout takes milliseconds, got '${args.text('timeout')}'`);
  const { tests, errors } = await tryOut(args.words[0] as string, {
    timeoutMs,
    signal: io.signal,
    print: (line) => io.tell(plain(line)),
  });
  const failed = tests.filter(({ passed }) => !passed).length;
  const passed = failed === 0 && errors.length === 0;
  if (args.flag('json')) io.print(jsonLine({ passed, tests, errors }));
  else {
    for (const line of tests.flatMap(lines)) io.print(plain(line));
    for (const error of errors) io.print(plain(`ERROR ${error}`));
    io.print([`${tests.length - failed} passed`, `${failed} failed`, ...errorCount(errors.length)].join(', '));
  }
  return passed ? exit.done : exit.failed;
};

function errorCount(errors: number): string[] {
  return errors === 0 ? [] : [errors === 1 ? '1 error' : `${errors} errors`];
}

function lines(outcome: TestOutcome): string[] {
  const { name, training, expected, got, passed } = outcome;
  const came = got.map(({ value }) => value);
  if (passed && training) return [`ok    ${name}: training; correctValues would be ${show(came)}`];
  if (passed) return [`ok    ${name}: ${expected.length} values`];
  return [`FAIL  ${name}: ${difference(outcome)}`, `      expected ${show(expected)}`, `      got      ${show(came)}`];
}

/** What differed first, counted from 1. */
function difference({ expected, got, right }: TestOutcome): string {
  const wrong = got[right];
  const came = wrong ? `got ${show(wrong.value)} at ${wrong.atMs} ms` : 'nothing came';
  return `value ${right + 1} of ${expected.length}: expected ${right < expected.length ? show(expected[right]) : 'any'}, ${came}`;
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY });
}
