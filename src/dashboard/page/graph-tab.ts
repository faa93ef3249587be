import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { type GraphNode, shownPorts } from '../../graph/index.ts';
import { usePage } from './context.ts';
import { GraphCanvas } from './graph-canvas.ts';
import { html, type VNode } from './html.ts';
import { count, visible } from './text.ts';

/** How often values beside the graph are brought up to date. */
const VALUES_MS = 400;
/** Accessors that the list shows at a time; the filter finds the others. */
const LISTED = 300;

/** One swarmlet's accessors, and what flows between them. */
export function GraphTab({ swarmlet }: { readonly swarmlet: string }): VNode {
  const { model } = usePage();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<GraphCanvas | undefined>(undefined);
  const [, again] = useReducer((times: number, _: undefined) => times + 1, 0);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const made = new GraphCanvas(box.current as HTMLDivElement, { changed: () => again(undefined), failed: setProblem });
    canvas.current = made;
    const off = model.onGraph((graph) => graph.swarmlet === swarmlet && made.take(graph));
    const timer = setInterval(() => made.selected !== undefined && again(undefined), VALUES_MS);
    return () => {
      off();
      clearInterval(timer);
      made.close();
    };
  }, []);
  const shown = canvas.current;
  const graph = shown?.graph;
  const state = model.swarmlets?.get(swarmlet)?.state;
  return html`<div class="graph">
    <div class="stage" ref=${box}>
      <canvas aria-hidden="true"></canvas>
      <canvas class="over" tabindex="0" role="application" aria-label=${`Graph of ${swarmlet}. Arrow keys move it, plus and minus zoom, 0 fits it, Enter opens or closes what is selected. The list beside it has the same accessors.`}></canvas>
      <div class="tools" role="toolbar" aria-label="Graph">
        <button type="button" class="small" onClick=${() => shown?.zoom(1.25)} aria-label="Zoom in">+</button>
        <button type="button" class="small" onClick=${() => shown?.zoom(0.8)} aria-label="Zoom out">−</button>
        <button type="button" class="small" onClick=${() => shown?.fit()}>Fit</button>
        <button type="button" class="small" onClick=${() => shown?.openAll()}>Open all</button>
        <button type="button" class="small" onClick=${() => shown?.closeAll()}>Close all</button>
      </div>
      <p class="stage-note" role="status">${problem || noteOf(shown, state)}</p>
    </div>
    <aside class="side" aria-label="Accessors">
      ${shown && graph ? html`<${Inspector} shown=${shown} /><${Outline} shown=${shown} />` : null}
    </aside>
  </div>`;
}

function counted(accessors: number): string {
  return accessors === 1 ? '1 accessor' : `${accessors} accessors`;
}

function noteOf(shown: GraphCanvas | undefined, state: string | undefined): string {
  if (!shown?.graph) return state === 'running' ? 'Looking inside…' : `It is ${state ?? 'gone'}: nothing can be seen inside.`;
  if (shown.layingOut) return `Finding places for ${counted(shown.graph.nodes.length)}…`;
  if (!shown.running) return `It is ${state ?? 'gone'}. This is what was seen last.`;
  return shown.graph.omitted > 0 ? `${shown.graph.omitted} more accessors or connections are not shown.` : '';
}

/** The selected accessor: its ports with the last values. */
function Inspector({ shown }: { readonly shown: GraphCanvas }): VNode {
  const node = shown.graph?.nodes[shown.selected ?? -1];
  if (!node) return html`<p class="faint hint">Select an accessor to see its last values.</p>`;
  const { activity } = shown;
  const isComposite = node.children.length > 0;
  return html`<div class="inspector">
    <h2>${visible(node.name)}</h2>
    <p class="faint">${visible(node.class || 'from source text')}${isComposite ? `, ${node.children.length} inside` : ''}, ${count(activity.reactions(node.node))} reactions</p>
    ${isComposite && node.node !== 0 ? html`<button type="button" class="small" onClick=${() => shown.toggle(node.node)}>${shown.isOpen(node.node) ? 'Close' : 'Open'}</button>` : null}
    <table class="ports"><thead><tr><th scope="col">Port</th><th scope="col">Last value</th><th scope="col" class="number">a second</th></tr></thead>
      <tbody>${shownPorts(node).map((port) => {
        const seen = activity.port(port.port);
        return html`<tr key=${port.port}><th scope="row"><span class=${`port ${port.kind}`} aria-label=${port.kind}></span>${visible(port.name)}</th>
          <td><code>${seen ? visible(seen.text) : '–'}</code></td><td class="number">${seen ? count(seen.rate) : ''}</td></tr>`;
      })}</tbody></table>
    ${node.parameters.length > 0 ? html`<p class="faint">Parameters: ${node.parameters.map(visible).join(', ')}</p>` : null}
  </div>`;
}

/** All accessors as a list, for the keyboard and for finding one among many. */
function Outline({ shown }: { readonly shown: GraphCanvas }): VNode {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const all = inOrder(shown.graph?.nodes ?? []);
  const fitting = all.filter(({ path, class: ofClass }) => `${path} ${ofClass}`.toLowerCase().includes(wanted));
  return html`<div class="outline">
    <input type="search" placeholder=${`Find among ${counted(all.length)}`} aria-label="Find an accessor" value=${filter} onInput=${(event: InputEvent) => setFilter((event.target as HTMLInputElement).value)} />
    <ul>${fitting.slice(0, LISTED).map(
      (
        node,
      ) => html`<li key=${node.node}><button type="button" class=${`depth-${Math.min(node.depth, 6)}`} aria-pressed=${shown.selected === node.node} onClick=${() => shown.reveal(node.node)}>
      <span>${visible(node.name)}</span> <span class="faint">${visible(node.class)}</span></button></li>`,
    )}</ul>
    ${fitting.length > LISTED ? html`<p class="faint hint">and ${fitting.length - LISTED} more</p>` : null}
  </div>`;
}

/** Each right after what contains it. */
function inOrder(nodes: readonly GraphNode[]): GraphNode[] {
  const ordered: GraphNode[] = [];
  const open = nodes.slice(0, 1);
  for (let node = open.pop(); node; node = open.pop()) {
    ordered.push(node);
    for (const child of [...node.children].reverse()) open.push(nodes[child] as GraphNode);
  }
  return ordered;
}
