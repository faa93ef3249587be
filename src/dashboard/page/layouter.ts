import elkApi from 'elkjs/lib/elk-api.js';
import type { Layouter } from '../../graph/index.ts';

declare const ELK_WORKER: string;
declare const trustedTypes:
  | { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string } }
  | undefined;

let layouter: Layouter | undefined;

/** Finds places for a graph in a worker, which is made when it is first needed. */
export function pageLayouter(): Layouter {
  layouter ??= new elkApi.default({ workerFactory: () => new Worker(trusted(ELK_WORKER)) });
  return layouter;
}

/** The only script that this page names itself. */
function trusted(url: string): string {
  if (typeof trustedTypes === 'undefined') return url;
  return trustedTypes.createPolicy('page', { createScriptURL: (given) => (given === ELK_WORKER ? given : '') }).createScriptURL(url);
}
