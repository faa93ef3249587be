import { InlineTier, type IsolateTier, openProcessTier, probeLevels, ThreadTier, type World } from '../hosts/node/isolate/index.ts';
import type { ServiceOptions } from './service-options.ts';

/** The ways in which a box isolates swarmlets. */
export interface Tiers {
  /** One of each name; the first is for what is pushed unless it asks for another. */
  readonly all: readonly [IsolateTier, ...IsolateTier[]];
  /** What this machine lacks for a stronger level, each with its remedy. */
  readonly missing: readonly string[];
  close(): Promise<void>;
}

/**
 * @param world  what isolates reach outside
 * @throws Error when no isolate can be made; nothing is left open then
 */
export async function openTiers({ tier, tiers, pool, state, log }: ServiceOptions, world: World): Promise<Tiers> {
  const tell = (level: 'info' | 'warn', message: string): void => log[level](message);
  const opened: IsolateTier[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((one) => one.close()));
  };
  try {
    const given = tier ?? (await tiers.get('process')?.());
    const missing = given ? [] : (await probeLevels()).missing;
    const first = given ?? (await openProcessTier({ pool, state, world, log: tell }));
    opened.push(first);
    opened.push((await tiers.get('thread')?.()) ?? new ThreadTier({ world, log: tell }));
    opened.push((await tiers.get('inline')?.()) ?? new InlineTier(world));
    return { all: [first, ...opened.slice(1)], missing, close };
  } catch (error) {
    await close();
    throw error;
  }
}
