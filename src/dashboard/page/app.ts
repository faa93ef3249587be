import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { AuditView } from './audit-view.ts';
import { BoxView } from './box-view.ts';
import { ChangeDialog } from './change-dialog.ts';
import { type Page, PageProvider, type Proposal } from './context.ts';
import { DeployDialog, readDropped } from './deploy-dialog.ts';
import { html, type VNode } from './html.ts';
import { keep, kept } from './kept.ts';
import { KeyDialog } from './key-dialog.ts';
import { ListView } from './list-view.ts';
import { Model } from './model.ts';
import { hashOf, type Route, routeOf } from './route.ts';
import type { SigningKey } from './ssh-key.ts';
import type { DeployFile } from './statement.ts';
import { SwarmletView } from './swarmlet-view.ts';
import { choose, currentTheme } from './theme.ts';

const SAID_MS = 6000;

/** The whole page. */
export function App(): VNode {
  const [, again] = useReducer((times: number, _: undefined) => times + 1, 0);
  const made = useRef<Model | undefined>(undefined);
  made.current ??= new Model(() => again(undefined));
  const model = made.current;
  const [route, setRoute] = useState<Route>(() => routeOf(location.hash));
  const [key, setKey] = useState<SigningKey | undefined>(undefined);
  const [asksKey, setAsksKey] = useState(false);
  const [proposal, setProposal] = useState<Proposal | undefined>(undefined);
  const [files, setFiles] = useState<readonly DeployFile[] | undefined>(undefined);
  const [said, setSaid] = useState<{ readonly text: string; readonly kind: 'good' | 'bad' } | undefined>(undefined);

  useEffect(() => {
    const changed = (): void => setRoute(routeOf(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  useEffect(() => model.follow(route), [hashOf(route)]);
  useEffect(() => {
    const text = kept('key');
    if (text === undefined) return;
    import('./ssh-key.ts').then(({ parseKey }) => parseKey(text)).then(setKey, () => keep('key', undefined));
  }, []);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  useEffect(() => {
    document.title = titleOf(route, model.box?.name);
  });

  const page: Page = { model, key, setKey, propose: setProposal, say: (text, kind) => setSaid({ text, kind }) };
  const take = async (dropped: Iterable<File>): Promise<void> => {
    const read = await readDropped(dropped);
    if (typeof read === 'string') setSaid({ text: read, kind: 'bad' });
    else setFiles(read);
  };
  return html`<${PageProvider} value=${page}>
    <${DropTarget} take=${take} />
    <${Top} route=${route} page=${page} askKey=${() => setAsksKey(true)} take=${take} />
    <${Lost} model=${model} />
    <main id="main">
      ${route.kind === 'list' ? html`<${ListView} />` : null}
      ${route.kind === 'swarmlet' ? html`<${SwarmletView} key=${route.swarmlet} swarmlet=${route.swarmlet} tab=${route.tab} />` : null}
      ${route.kind === 'audit' ? html`<${AuditView} />` : null}
      ${route.kind === 'box' ? html`<${BoxView} />` : null}
    </main>
    ${files ? html`<${DeployDialog} files=${files} close=${() => setFiles(undefined)} />` : null}
    ${proposal ? html`<${ChangeDialog} proposal=${proposal} close=${() => setProposal(undefined)} askKey=${() => setAsksKey(true)} />` : null}
    ${asksKey ? html`<${KeyDialog} close=${() => setAsksKey(false)} />` : null}
    <div class="said" role="status" aria-live="polite">${said ? html`<p class=${said.kind}>${said.text}</p>` : null}</div>
  </${PageProvider}>`;
}

interface TopProps {
  readonly route: Route;
  readonly page: Page;
  readonly askKey: () => void;
  readonly take: (files: Iterable<File>) => void;
}

function Top({ route, page: { model, key }, askKey, take }: TopProps): VNode {
  const [theme, setTheme] = useState(currentTheme());
  const other = theme === 'dark' ? 'light' : 'dark';
  const current = (kinds: readonly Route['kind'][]): 'page' | undefined => (kinds.includes(route.kind) ? 'page' : undefined);
  return html`<header class="top">
    <a class="skip" href="#main" onClick=${(event: Event) => {
      event.preventDefault();
      const main = document.getElementById('main');
      main?.setAttribute('tabindex', '-1');
      main?.focus();
    }}>Skip to what is shown</a>
    <a class="brand" href="#/box" title=${model.box?.id ?? ''}><span class=${`link ${model.connection.kind}`} aria-hidden="true"></span>${model.box?.name ?? 'Box'}</a>
    <span class="labels">${Object.entries(model.box?.labels ?? {})
      .slice(0, 3)
      .map(([name, value]) => html`<span class="tag">${name}=${value}</span>`)}</span>
    <nav class="menu" aria-label="Main"><a href="#/" aria-current=${current(['list', 'swarmlet'])}>Swarmlets</a><a href="#/audit" aria-current=${current(['audit'])}>Audit</a><a href="#/box" aria-current=${current(['box'])}>Box</a></nav>
    <span class="spacer"></span>
    <label class="button">Deploy…<input type="file" multiple accept=".js,.ts" class="unseen" onChange=${(event: Event) => {
      const input = event.target as HTMLInputElement;
      take([...(input.files ?? [])]);
      input.value = '';
    }} /></label>
    <button type="button" onClick=${askKey} aria-label=${key ? `Your key: ${key.comment || key.id}` : 'Your key: none'}>${key ? '● Key' : '○ Key'}</button>
    <button type="button" class="icon" aria-label=${`Show in ${other} colours`} onClick=${() => {
      choose(other);
      setTheme(other);
    }}>${theme === 'dark' ? '☀' : '☾'}</button>
  </header>`;
}

/** Says that what is shown may be old. */
function Lost({ model }: { readonly model: Model }): VNode {
  const { connection, dropped } = model;
  return html`<div class="banner" role="status" aria-live="polite">
    ${connection.kind === 'lost' ? html`<p class="bad"><strong>${connection.why}.</strong> What is shown may be old. <button type="button" class="small" onClick=${() => model.retry()}>${connection.retrying ? 'Trying…' : 'Try now'}</button></p>` : null}
    ${connection.kind === 'live' && dropped > 0 ? html`<p class="faint">This page was too slow for ${dropped} updates.</p>` : null}
  </div>`;
}

/** Files may be dropped anywhere. */
function DropTarget({ take }: { readonly take: (files: Iterable<File>) => void }): VNode | null {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const closing = new AbortController();
    const on = (type: 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void): void =>
      addEventListener(type, listener, { signal: closing.signal });
    on('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    });
    on('dragleave', (event) => {
      if (event.relatedTarget === null) setOver(false);
    });
    on('drop', (event) => {
      event.preventDefault();
      setOver(false);
      take([...(event.dataTransfer?.files ?? [])]);
    });
    return () => closing.abort();
  }, []);
  return isOver ? html`<div class="drop"><p>Drop the files of a swarmlet to deploy it here</p></div>` : null;
}

function titleOf(route: Route, box = 'Box'): string {
  switch (route.kind) {
    case 'list':
      return box;
    case 'swarmlet':
      return `${route.swarmlet} · ${box}`;
    case 'audit':
      return `Audit · ${box}`;
    case 'box':
      return `About · ${box}`;
  }
}
