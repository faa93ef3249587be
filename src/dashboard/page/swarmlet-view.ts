import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Empty, StateBadge } from './bits.ts';
import { usePage } from './context.ts';
import { DetailsTab } from './details-tab.ts';
import { HistoryTab } from './history-tab.ts';
import { html, type VNode } from './html.ts';
import { LogsTab } from './logs-tab.ts';
import { restart, stop } from './proposals.ts';
import { hashOf, type Tab, tabs } from './route.ts';
import { age } from './text.ts';

type GraphTab = ComponentType<{ readonly swarmlet: string }>;
let loadedGraphTab: GraphTab | undefined;

/** One swarmlet. */
export function SwarmletView({ swarmlet, tab }: { readonly swarmlet: string; readonly tab: Tab }): VNode {
  const { model, propose } = usePage();
  const status = model.swarmlets?.get(swarmlet);
  if (!model.swarmlets) return html`<p class="faint pad">Asking the box…</p>`;
  if (!status) {
    return html`<${Empty} title=${`There is no ${swarmlet} on this box`}><p>It may have been forgotten. <a href="#/">All swarmlets</a></p></${Empty}>`;
  }
  const target = { swarmlet, status, deploy: model.box?.deploy ?? 'ws://BOX:7927' };
  const isLive = !['stopped', 'completed', 'expired', 'superseded'].includes(status.state);
  return html`<section aria-label=${swarmlet}>
    <div class="bar">
      <a class="back" href="#/" aria-label="All swarmlets">‹</a><h1>${swarmlet} <span class="faint">${status.version}</span></h1>
      <${StateBadge} state=${status.state} reason=${status.reason} />
      <span class="faint">by ${status.principal}, ${age(status.since, model.now())}</span>
      <span class="spacer"></span>
      <button type="button" onClick=${() => propose(restart(target))}>Restart…</button>
      ${isLive ? html`<button type="button" class="danger" onClick=${() => propose(stop(target))}>Stop…</button>` : null}
    </div>
    <nav class="tabs" aria-label=${`Views of ${swarmlet}`}>
      ${tabs.map((one) => html`<a href=${hashOf({ kind: 'swarmlet', swarmlet, tab: one })} aria-current=${one === tab ? 'page' : undefined}>${titles[one]}</a>`)}
    </nav>
    ${tab === 'graph' ? html`<${LazyGraph} key=${swarmlet} swarmlet=${swarmlet} />` : null}
    ${tab === 'logs' ? html`<${LogsTab} key=${swarmlet} swarmlet=${swarmlet} />` : null}
    ${tab === 'history' ? html`<${HistoryTab} key=${swarmlet} target=${target} />` : null}
    ${tab === 'details' ? html`<${DetailsTab} key=${swarmlet} status=${status} />` : null}
  </section>`;
}

const titles: Readonly<Record<Tab, string>> = { graph: 'Graph', logs: 'Logs', history: 'History', details: 'Details' };

/** What draws is fetched when somebody looks. */
function LazyGraph({ swarmlet }: { readonly swarmlet: string }): VNode {
  const [tab, setTab] = useState<{ readonly view: GraphTab } | undefined>(loadedGraphTab && { view: loadedGraphTab });
  const [why, setWhy] = useState('');
  useEffect(() => {
    if (tab) return;
    import('./graph-tab.ts').then(
      ({ GraphTab: view }) => {
        loadedGraphTab = view;
        setTab({ view });
      },
      () => setWhy('What draws the graph did not come: the box is not reached. Load the page again.'),
    );
  }, []);
  return tab ? html`<${tab.view} swarmlet=${swarmlet} />` : html`<div class="graph"><p class="faint pad">${why}</p></div>`;
}
