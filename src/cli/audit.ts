import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { CodedError } from '../../hosts/common/index.ts';
import { readSignedHead, verifyAudit } from '../audit/index.ts';
import type { AuditRecord } from '../client/index.ts';
import { auditFiles } from '../store/index.ts';
import type { Arguments } from './arguments.ts';
import { configOf } from './box-config.ts';
import type { Action } from './command.ts';
import { durationMs } from './duration.ts';
import { askEachBox } from './each-box.ts';
import { exit, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { jsonLine, plain, table } from './text.ts';

const headings = ['TIME', 'EVENT', 'WHAT', 'SWARMLET', 'BY', 'DETAIL'] as const;

export const audit: Action = (args, io) => {
  const since = sinceOf(args.text('since'));
  return askEachBox(args, io, (box) => box.audit({ ...(since && { since }), limit: 1000 }), {
    json: (records) => records,
    lines: (answers, several) => {
      const rows = answers.flatMap(({ target, value }) => value.map((record) => [...(several ? [target] : []), ...row(record)]));
      return table(several ? ['BOX', ...headings] : headings, rows, io.columns);
    },
  });
};

/** A time as it is, or how long ago. */
function sinceOf(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{4}-\d\d-\d\dT/.test(text)) return text;
  return new Date(Date.now() - durationMs('--since', text)).toISOString();
}

function row(record: AuditRecord): string[] {
  const { at, event, swarmlet, principal } = record;
  const word = (name: string): string => (record[name] === undefined || record[name] === null ? '' : String(record[name]));
  const what = word('action') || (record.to ? `${word('from')} -> ${word('to')}` : word('code'));
  const detail = [word('outcome'), word('reason'), word('version'), word('digest').slice(0, 19), word('address')];
  return [at, event, what, swarmlet ?? '', principal ?? '', detail.filter((text) => text !== '').join(' ')];
}

/** Segments that a box keeps; with fewer of them the first one is there. */
const segments = 16;

export const auditVerify: Action = async (args, io) => {
  const [file] = args.words;
  if (file !== undefined && args.text('state') !== undefined) throw usageError('audit verify takes a FILE or --state, not both');
  const folder = file === undefined ? configOf(args, io).state : dirname(resolve(file));
  const files = file === undefined ? filesOf(folder) : [existing(resolve(file))];
  // Read before the lines, which a box may be adding to.
  const head = headOf(folder, file);
  const beginning = file === undefined ? files.length < segments : isFirst(file);
  const finding = await verifyAudit(files, head, beginning);
  return show({ ...finding, signed: head?.seq ?? null, box: head?.box ?? null }, args, io);
};

/** Nothing before `audit.jsonl` was put into a file of its own yet; of another file nobody knows. */
function isFirst(file: string): boolean {
  return basename(file) === 'audit.jsonl' && auditFiles(dirname(resolve(file))).length === 1;
}

function filesOf(folder: string): string[] {
  existing(join(folder, 'audit.jsonl'));
  return auditFiles(folder);
}

function existing(file: string): string {
  if (!existsSync(file)) throw new CodedError('NOT_FOUND', `There is no audit ${file}: name a file, or the folder of a box with --state`);
  return file;
}

/** An earlier segment has its signature in the chain of the ones after it. */
function headOf(folder: string, file: string | undefined) {
  const [head, key] = [join(folder, 'audit.head'), join(folder, 'box_ed25519.pub')];
  if (!existsSync(head) || !existsSync(key) || (file !== undefined && basename(file) !== 'audit.jsonl')) return undefined;
  return readSignedHead(head, readFileSync(key, 'utf8'));
}

/** Every line as it was written, in order: what comes out is whole by itself, and `audit verify` takes it. */
export const auditExport: Action = async (args, io) => {
  const since = sinceOf(args.text('since')) ?? '';
  for (const file of filesOf(configOf(args, io).state)) {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (since === '' || atOf(line) >= since) io.print(line);
    }
  }
  return exit.done;
};

function atOf(line: string): string {
  return /^\{"seq":\d+,"at":"([^"]+)"/.exec(line)?.[1] ?? '';
}

type Shown = Awaited<ReturnType<typeof verifyAudit>> & { readonly signed: number | null; readonly box: string | null };

function show(finding: Shown, args: Arguments, io: Io): typeof exit.done | typeof exit.failed {
  const { faults, records, first, last, signed, box } = finding;
  if (args.flag('json')) io.print(jsonLine(finding));
  else {
    for (const fault of faults) io.print(plain(fault));
    const vouched = signed === null ? 'no signature of the box is here' : `signed up to ${signed} by ${box}`;
    if (faults.length === 0) io.print(plain(`${records} records, ${first} to ${last}, are whole; ${vouched}`));
  }
  return faults.length === 0 ? exit.done : exit.failed;
}
