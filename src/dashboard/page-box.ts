import type { View } from '../../hosts/common/index.ts';
import type { PageBoxFacts, PageDeployment, PageLogLine, PagePeer, PageRecord, PageStatus, PageVersion } from './page-messages.ts';

/** What happens on a box, as far as the page shows it. */
export interface PageBoxEvents {
  /** Something about this swarmlet is different now. */
  changed: [swarmlet: string];
  log: [swarmlet: string, line: PageLogLine];
  /** The audit has another record. */
  recorded: [];
}

/** A box as the page sees it: all is read, but for statements that somebody has signed. */
export interface PageBox {
  facts(): PageBoxFacts;
  peers(): PagePeer[];
  list(): PageStatus[];
  /** Undefined: there is none of that name. */
  status(swarmlet: string): PageStatus | undefined;
  /** Newest first; empty for a name that nobody knows. */
  history(swarmlet: string): PageVersion[];
  /** What was deployed under this digest; undefined if it is not kept. */
  deployment(swarmlet: string, digest: string): Promise<PageDeployment | undefined>;
  logs(swarmlet: string): PageLogLine[];
  /** The newest so many, oldest first. */
  audit(limit: number): Promise<PageRecord[]>;
  /** As `Isolate.observe`; undefined also for a name that nobody knows. */
  observe(swarmlet: string, known: number): Promise<View | undefined>;
  unobserve(swarmlet: string): void;
  /** @throws ServiceError */
  submit(envelope: unknown): Promise<unknown>;
  on<Event extends keyof PageBoxEvents>(event: Event, listener: (...args: PageBoxEvents[Event]) => void): unknown;
  off<Event extends keyof PageBoxEvents>(event: Event, listener: (...args: PageBoxEvents[Event]) => void): unknown;
}
