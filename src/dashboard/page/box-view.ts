import { useEffect, useState } from 'preact/hooks';
import type { PagePeer } from '../page-messages.ts';
import { get } from './api.ts';
import { useLoaded } from './bits.ts';
import { usePage } from './context.ts';
import { html, type VNode } from './html.ts';
import { age, visible } from './text.ts';

/** Between two looks at the other boxes. */
const PEERS_MS = 5000;

/** What the box itself is, and which others it knows. */
export function BoxView(): VNode {
  const { box } = usePage().model;
  if (!box) return html`<p class="faint pad">Asking the box…</p>`;
  const facts: [name: string, value: string][] = [
    ['Name', box.name],
    ['Id', box.id],
    ['Isolation level', box.level],
    ['Takes pushes at', box.deploy ?? 'nowhere: it has no listener'],
    ['Version', box.version],
  ];
  const labels = Object.entries(box.labels);
  return html`<section aria-label="Box">
    <div class="bar"><h1>${box.name}</h1></div>
    <div class="columns"><div><h2>Facts</h2><dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>
      <div><h2>Labels</h2>${
        labels.length === 0
          ? html`<p class="faint">None. Give it some with --label KEY=VALUE, and push to label:KEY=VALUE.</p>`
          : html`<dl>${labels.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
      }</div></div>
    <${Peers} />
  </section>`;
}

function Peers(): VNode {
  const { model } = usePage();
  const [looks, setLooks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setLooks((times: number) => times + 1), PEERS_MS);
    return () => clearInterval(timer);
  }, []);
  const loaded = useLoaded(() => get<{ readonly peers: readonly PagePeer[] }>('peers'), [looks]);
  const peers = loaded.kind === 'here' ? loaded.value.peers : [];
  return html`<div class="bar"><h1>Peers <span class="faint">${loaded.kind === 'here' ? peers.length : ''}</span></h1></div>
    ${loaded.kind === 'failed' ? html`<p class="bad pad">${loaded.why}</p>` : null}
    ${loaded.kind === 'here' && peers.length === 0 ? html`<p class="faint pad">It has found no other box. What it looks with is in its configuration: accessors config explain</p>` : null}
    ${
      peers.length === 0
        ? null
        : html`<table class="rows peers">
      <thead><tr><th scope="col">Name</th><th scope="col">Labels</th><th scope="col" class="wide">Address</th><th scope="col">Seen</th><th scope="col" class="wide">Found by</th></tr></thead>
      <tbody>${peers.map((peer) => html`<${Peer} key=${peer.id ?? peer.urls[0]} peer=${peer} now=${model.now()} />`)}</tbody></table>`
    }`;
}

function Peer({ peer, now }: { readonly peer: PagePeer; readonly now: number }): VNode {
  const { id, name, ambiguous, urls, labels, version, sources, lastSeen, problem } = peer;
  return html`<tr>
    <td><span class="name" title=${id ?? ''}>${visible(name ?? 'without a name')}</span>${ambiguous ? html` <span class="tag">name of several</span>` : null}<span class="faint version">${visible(version ?? '')}</span></td>
    <td>${Object.entries(labels).map(([key, value]) => html`<span class="tag">${visible(`${key}=${value}`)}</span> `)}</td>
    <td class="wide by"><code>${urls.map(visible).join(' ')}</code></td>
    <td>${problem ? html`<span class="bad">${visible(problem)}</span>` : html`<span class="faint">${lastSeen ? `${age(lastSeen, now)} ago` : ''}</span>`}</td>
    <td class="wide faint">${sources.map(visible).join(', ')}</td>
  </tr>`;
}
