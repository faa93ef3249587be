import { CodedError } from '../../hosts/common/index.ts';
import { processIo } from './io.ts';
import { main } from './main.ts';

const interrupted = new AbortController();

function onInterrupt(): void {
  interrupted.abort(new CodedError('INTERRUPTED', 'Interrupted.'));
  process.once('SIGINT', () => process.exit(130)); // it did not end by itself
}

/** Whoever reads us may go before we are done: `accessors ps | head -1`. */
function onBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

process.once('SIGINT', onInterrupt);
for (const stream of [process.stdout, process.stderr]) stream.on('error', onBrokenPipe);

main(process.argv.slice(2), processIo(interrupted.signal)).then((code) => {
  // What is written to a pipe must be on its way before the process ends.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
