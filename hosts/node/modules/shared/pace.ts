import type { EdgeScope } from '../../edge/index.ts';

interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/**
 * A function to be called whenever something arrived from `source`: it reads on only when the swarmlet has reacted to
 * it, so that a peer that sends faster than that is slowed down instead of filling the memory.
 */
export function pacer(edge: EdgeScope, source: Pausable): () => void {
  let paused = false;
  return () => {
    if (paused) return;
    paused = true;
    source.pause();
    edge.afterReactions(() => {
      paused = false;
      source.resume();
    });
  };
}
