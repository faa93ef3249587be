import { useRef, useState } from 'preact/hooks';
import type { PageStatus, PageUsage } from '../page-messages.ts';
import { Command, Empty, Sparkline, StateBadge, useNear } from './bits.ts';
import { usePage } from './context.ts';
import { html, type VNode } from './html.ts';
import { hashOf } from './route.ts';
import { age, count } from './text.ts';

/** Who is running. */
export function ListView(): VNode {
  const { model } = usePage();
  const [filter, setFilter] = useState('');
  const { swarmlets, box } = model;
  if (!swarmlets)
    return html`<div class="rows" aria-busy="true"><p class="faint pad">${model.connection.kind === 'lost' ? '' : 'Asking the box…'}</p></div>`;
  if (swarmlets.size === 0) {
    return html`<${Empty} title="Nothing runs on this box yet">
      <p>Push a swarmlet from your laptop, with the SSH key that the box trusts:</p>
      <${Command} text=${`accessors push Hello.js --to ${box?.deploy ?? 'ws://BOX:7927'}`} />
      <p class="faint">Or drop its files onto this page, and sign here.</p>
    </${Empty}>`;
  }
  const all = [...swarmlets.values()].sort((a, b) => rank(a) - rank(b) || (a.swarmlet < b.swarmlet ? -1 : 1));
  const wanted = filter.trim().toLowerCase();
  const shown = all.filter((one) =>
    [one.swarmlet, one.state, one.principal, one.version].some((text) => text.toLowerCase().includes(wanted)),
  );
  return html`<section aria-label="Swarmlets">
    <div class="bar">
      <h1>Swarmlets <span class="faint">${summary(all)}</span></h1>
      <input type="search" placeholder="Filter" aria-label="Filter swarmlets" value=${filter} onInput=${(event: InputEvent) => setFilter((event.target as HTMLInputElement).value)} />
    </div>
    <table class="rows list">
      <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col" class="wide">By</th><th scope="col" class="wide">Since</th><th scope="col" class="number">CPU</th><th scope="col" class="number">Memory</th><th scope="col" class="number wide">Messages</th></tr></thead>
      <tbody>${shown.map((status) => html`<${Row} key=${status.swarmlet} status=${status} usage=${model.usage.get(status.swarmlet) ?? []} now=${model.now()} />`)}</tbody>
    </table>
    ${shown.length === 0 ? html`<p class="faint pad">None has “${filter}” in its name, state, version or principal.</p>` : null}
  </section>`;
}

interface RowProps {
  readonly status: PageStatus;
  readonly usage: readonly PageUsage[];
  readonly now: number;
}

/** One swarmlet. Out of sight only its state is kept up to date: with some hundred of them the rest would keep the browser busy. */
function Row(props: RowProps): VNode {
  const row = useRef<HTMLTableRowElement>(null);
  const isNear = useNear(row);
  const last = useRef<{ readonly status: PageStatus; readonly cells: VNode[] } | undefined>(undefined);
  if (isNear || last.current?.status !== props.status) {
    last.current = { status: props.status, cells: cellsOf(isNear ? props : { ...props, usage: props.usage.slice(-1) }) };
  }
  return html`<tr ref=${row}>${last.current?.cells}</tr>`;
}

function cellsOf({ status, usage, now }: RowProps): VNode[] {
  const { swarmlet, version, state, reason, principal, since } = status;
  const [cpu, memory, messagesIn, messagesOut] = usage.at(-1) ?? [status.usage.cpuPercent ?? null, status.usage.memoryMiB ?? null, 0, 0];
  return html`<td><a class="name" href=${hashOf({ kind: 'swarmlet', swarmlet, tab: 'graph' })}>${swarmlet}</a><span class="faint version">${version}</span></td>
    <td><${StateBadge} state=${state} reason=${reason} /></td>
    <td class="wide by">${principal}</td>
    <td class="wide faint" title=${since}>${age(since, now)}</td>
    <td class="number"><span class="value">${cpu === null ? '–' : `${cpu.toFixed(cpu < 10 ? 1 : 0)} %`}</span><${Sparkline} values=${usage.map((one) => one[0])} most=${5} /></td>
    <td class="number"><span class="value">${memory === null ? '–' : `${memory.toFixed(memory < 100 ? 1 : 0)} MiB`}</span><${Sparkline} values=${usage.map((one) => one[1])} most=${20} /></td>
    <td class="number wide"><span class="value">${count(messagesIn + messagesOut)}/s</span><${Sparkline} values=${usage.map((one) => one[2] + one[3])} most=${5} /></td>` as unknown as VNode[];
}

/** What needs somebody comes first, what is over last. */
function rank({ state }: PageStatus): number {
  if (state === 'failed' || state === 'backoff') return 0;
  return ['stopped', 'completed', 'expired', 'superseded'].includes(state) ? 2 : 1;
}

function summary(all: readonly PageStatus[]): string {
  const states = new Map<string, number>();
  for (const { state } of all) states.set(state, (states.get(state) ?? 0) + 1);
  return [...states].map(([state, number]) => `${number} ${state}`).join(', ');
}
