import { usePage } from './context.ts';
import { html, type VNode } from './html.ts';

/** What the box itself is. */
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
      <div><h2>Labels</h2>${labels.length === 0 ? html`<p class="faint">None. Give it some with --label KEY=VALUE, and push to label:KEY=VALUE.</p>` : html`<dl>${labels.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`}</div></div>
  </section>`;
}
