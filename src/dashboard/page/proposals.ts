import type { PageStatus, PageVersion } from '../page-messages.ts';
import type { Proposal } from './context.ts';
import { shortDigest } from './text.ts';

export interface Target {
  readonly swarmlet: string;
  readonly status: PageStatus;
  /** Where a command reaches the box. */
  readonly deploy: string;
}

const next = ({ status }: Target): number => status.sequence + 1;

export function stop(target: Target): Proposal {
  const { swarmlet, deploy } = target;
  return {
    title: `Stop ${swarmlet}`,
    about: 'It wraps up and is taken off the box. Its versions and its history stay.',
    verb: 'Sign and stop',
    swarmlet,
    command: `accessors stop ${swarmlet} --to ${deploy}`,
    fields: async () => ({ action: 'undeploy', swarmlet, sequence: next(target) }),
    done: `${swarmlet} is stopped`,
  };
}

export function restart(target: Target): Proposal {
  const { swarmlet, deploy, status } = target;
  return {
    title: `Restart ${swarmlet}`,
    about: `Version ${status.version} wraps up and is started anew.`,
    verb: 'Sign and restart',
    swarmlet,
    command: `accessors restart ${swarmlet} --to ${deploy}`,
    fields: async () => ({ action: 'restart', swarmlet, sequence: next(target) }),
    done: `${swarmlet} was restarted`,
  };
}

export function rollback(target: Target, to: PageVersion): Proposal {
  const { swarmlet, deploy, status } = target;
  return {
    title: `Roll ${swarmlet} back to ${to.version}`,
    about: `Version ${to.version} (${shortDigest(to.digest)}), which ${to.principal} pushed, takes the place of ${status.version}. If it does not start, nothing changes.`,
    verb: 'Sign and roll back',
    swarmlet,
    command: `accessors rollback ${swarmlet} ${to.digest} --to ${deploy}`,
    fields: async () => ({ action: 'rollback', swarmlet, sequence: next(target), to: to.digest }),
    done: `${swarmlet} is ${to.version} again`,
  };
}
