import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Model } from './model.ts';
import type { SigningKey } from './ssh-key.ts';

/** What all parts of the page share. */
export interface Page {
  readonly model: Model;
  readonly key: SigningKey | undefined;
  setKey(key: SigningKey | undefined): void;
  /** Asks the visitor about something that changes the box. */
  propose(change: Proposal): void;
  /** Says something in passing, also to those who listen. */
  say(text: string, kind: 'good' | 'bad'): void;
}

/** What a visitor may sign, or do by a command. */
export interface Proposal {
  readonly title: string;
  readonly about: string;
  readonly verb: string;
  readonly swarmlet: string;
  readonly command: string;
  /** Fields of the statement but for those that all have. */
  fields(): Promise<Readonly<Record<string, unknown>>>;
  readonly done: string;
}

const PageContext = createContext<Page | undefined>(undefined);
export const PageProvider = PageContext.Provider;

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('Outside of the page');
  return page;
}
