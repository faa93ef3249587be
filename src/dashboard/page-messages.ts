import type { Structure } from '../../hosts/common/index.ts';

// What the page and its box say to each other, as JSON. Texts of swarmlets are as they came: the page shows them as text.
// Times are RFC 3339, UTC, unless a name says otherwise.

export interface PageBoxFacts {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Level of isolation. */
  readonly level: string;
  /** Of this package. */
  readonly version: string;
  /** Where a command on this machine reaches it; null without a listener. */
  readonly deploy: string | null;
}

/** Another box, as discovery knows it. */
export interface PagePeer {
  readonly id: string | null;
  readonly name: string | null;
  /** Another box has the same name. */
  readonly ambiguous: boolean;
  readonly urls: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string | null;
  /** Which plugins found it. */
  readonly sources: readonly string[];
  readonly lastSeen: string | null;
  /** Why it is not reached. */
  readonly problem: string | null;
}

export interface PageStatus {
  readonly swarmlet: string;
  readonly version: string;
  readonly digest: string;
  readonly sequence: number;
  readonly state: string;
  readonly reason: string | null;
  readonly principal: string;
  readonly since: string;
  readonly isolation: string;
  readonly level: string;
  readonly limits: Readonly<Record<string, number>>;
  readonly usage: {
    /** Missing where nobody can tell. */
    readonly memoryMiB?: number | undefined;
    readonly cpuPercent?: number | undefined;
    readonly cpuMs?: number | undefined;
    readonly lagMs?: number | undefined;
    readonly reactions: number;
    readonly messagesIn: number;
    readonly messagesOut: number;
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly queuedIn: number;
    readonly queuedOut: number;
    readonly droppedLogs: number;
  };
}

export interface PageVersion {
  readonly version: string;
  readonly digest: string;
  readonly sequence: number;
  readonly principal: string;
  readonly receivedAt: string;
  readonly state: string;
  readonly reason: string | null;
  readonly givenBack?: boolean;
  readonly changes?: { readonly added: readonly string[]; readonly changed: readonly string[]; readonly removed: readonly string[] };
}

export interface PageDeployment {
  readonly main: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** Sealed ones have no value. */
  readonly parameters: readonly { readonly name: string; readonly value?: unknown }[];
  readonly capabilities: readonly string[];
}

export interface PageLogLine {
  readonly level: 'info' | 'error';
  readonly line: string;
  readonly at: string;
}

/** A record of the audit (PROTOCOL 8). */
export interface PageRecord {
  readonly seq: number;
  readonly at: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/**
 * What a swarmlet used at one moment: CPU percent of one core, memory in MiB, messages a second in and out since the moment before.
 * What nobody can tell is null.
 */
export type PageUsage = readonly [cpu: number | null, memory: number | null, messagesIn: number, messagesOut: number];

/** What is told of a graph; numbers as in `View`. Rates are per second. */
export interface PageGraph {
  readonly swarmlet: string;
  /** It runs; else what was seen last stays. */
  readonly running: boolean;
  readonly structure?: Structure;
  /** Accessors that reacted since the message before. */
  readonly reactions: readonly (readonly [node: number, count: number])[];
  readonly values: readonly (readonly [port: number, count: number, text: string])[];
}

/** The events of the stream. */
export interface PageEvents {
  hello: {
    readonly box: PageBoxFacts;
    readonly swarmlets: readonly PageStatus[];
    /** By swarmlet, oldest first: the samples up to `taken` that come after the first `had`, which the page has; 0: all that are kept. */
    readonly usage: Readonly<Record<string, readonly PageUsage[]>>;
    readonly had: number;
    readonly taken: number;
    readonly usageMs: number;
    readonly at: string;
  };
  swarmlet: PageStatus;
  gone: { readonly swarmlet: string };
  /** Sample number `taken`. */
  usage: { readonly taken: number; readonly samples: Readonly<Record<string, PageUsage>> };
  /** The first of a stream has all that are kept. */
  logs: { readonly swarmlet: string; readonly lines: readonly PageLogLine[]; readonly first: boolean };
  graph: PageGraph;
  /** The audit has other records. */
  recorded: null;
  /** So many events were left out because the page reads too slowly. */
  dropped: { readonly count: number };
}

/** What the box answers to a statement that it does not take. */
export interface PageRefusal {
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}
