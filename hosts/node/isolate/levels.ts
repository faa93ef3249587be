import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../edge/gate/index.ts';
import { packageRoot } from '../paths.ts';
import { findTools, type Launch, launchAt, type ProcessLevel, type Tools } from './launch.ts';
import { isolateDefaults } from './limits.ts';
import { ProcessIsolate } from './process.ts';
import { Watchdog } from './watchdog.ts';

/** The strongest wall that this system gives, and what a stronger one needs. */
export interface Levels {
  readonly level: ProcessLevel;
  /** In one line: the programs in front of the runtime. */
  readonly how: string;
  /** A sentence for each thing that is missing, which says how to get it. */
  readonly missing: readonly string[];
  readonly launch: Launch;
}

export interface ProbeOptions {
  /** Only this level, for tests. */
  readonly level?: ProcessLevel;
  /** Instead of those of the system, for tests. */
  readonly tools?: Tools;
  /** Instead of `dist/isolate.cjs`, for tests. */
  readonly runtime?: string;
}

let found: Promise<Levels> | undefined;

/** Finds the level by starting a child at each, the strongest first; asked again, tells what it found. */
export function probeLevels(options: ProbeOptions = {}): Promise<Levels> {
  if (Object.keys(options).length > 0) return probe(options);
  found ??= probe(options);
  return found;
}

async function probe({ level: only, tools = findTools(), runtime = join(packageRoot, 'dist/isolate.cjs') }: ProbeOptions): Promise<Levels> {
  if (!existsSync(runtime)) throw new Error(`${runtime} is missing; make it with: npm run build`);
  const missing = missingTools(tools);
  for (const level of only ? [only] : (['P3', 'P2', 'P1'] as const)) {
    const launch = await launchAt(level, tools, runtime);
    if (!launch) continue;
    const refusal = await tryToLaunch(launch);
    if (refusal === undefined) return { level, how: launch.how, missing, launch };
    missing.push(`${level} (${launch.how}) does not work here: ${refusal}. ${remedies[level]}`);
  }
  throw new Error(`No child process can be started. ${missing.join(' ')}`);
}

/** Why a child cannot be started so; undefined if it can. */
async function tryToLaunch(launch: Launch): Promise<string | undefined> {
  const isolate = new ProcessIsolate(launch, isolateDefaults.memoryMiB, new Watchdog(), new World());
  try {
    await isolate.load();
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/\.$/, '');
  } finally {
    await isolate.wrapup();
  }
}

const namespaces =
  'Allow namespaces to users: sysctl kernel.unprivileged_userns_clone=1, on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0; in a container, allow them to it.';
const remedies: Record<ProcessLevel, string> = { P3: namespaces, P2: namespaces, P1: 'Check the installation of Node.js.' };

function missingTools(tools: Tools): string[] {
  if (process.platform !== 'linux') return ['Levels P2 and P3 need Linux.'];
  const missing: string[] = [];
  if (!tools.bwrap) missing.push('P3 needs bwrap: install the package bubblewrap.');
  if (!tools.unshare) missing.push('P2 needs unshare: install the package util-linux.');
  if (!tools.prlimit) missing.push('Limits on address space and open files need prlimit: install the package util-linux.');
  if (!tools.setpriv)
    missing.push(
      'Ending an isolate with the box below P3, and running programs of a box of root as nobody, need setpriv: install the package util-linux.',
    );
  return missing;
}
