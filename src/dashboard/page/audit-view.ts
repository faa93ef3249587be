import { useState } from 'preact/hooks';
import type { PageRecord } from '../page-messages.ts';
import { get } from './api.ts';
import { useLoaded } from './bits.ts';
import { usePage } from './context.ts';
import { html, type VNode } from './html.ts';
import { hashOf } from './route.ts';
import { clock, shortDigest, visible } from './text.ts';

/** What the box accepted, refused and did. */
export function AuditView(): VNode {
  const { model } = usePage();
  const [filter, setFilter] = useState('');
  const loaded = useLoaded(() => get<{ readonly records: readonly PageRecord[] }>('audit'), [model.recorded]);
  const records = loaded.kind === 'here' ? [...loaded.value.records].reverse() : [];
  const wanted = filter.trim().toLowerCase();
  const shown = records.filter((record) => JSON.stringify(record).toLowerCase().includes(wanted));
  return html`<section aria-label="Audit">
    <div class="bar"><h1>Audit <span class="faint">${loaded.kind === 'here' ? `the newest ${records.length} records` : ''}</span></h1>
      <input type="search" placeholder="Filter" aria-label="Filter records" value=${filter} onInput=${(event: InputEvent) => setFilter((event.target as HTMLInputElement).value)} /></div>
    ${loaded.kind === 'failed' ? html`<p class="bad pad">${loaded.why}</p>` : null}
    <table class="rows audit">
      <thead><tr><th scope="col">Time</th><th scope="col">Event</th><th scope="col">Swarmlet</th><th scope="col">Who</th><th scope="col">What</th></tr></thead>
      <tbody>${shown.map((record) => html`<${Record} key=${record.seq} record=${record} now=${model.now()} />`)}</tbody>
    </table>
    ${loaded.kind === 'here' && shown.length === 0 ? html`<p class="faint pad">${records.length === 0 ? 'Nothing has happened yet.' : 'No record has that text.'}</p>` : null}
  </section>`;
}

function Record({ record, now }: { readonly record: PageRecord; readonly now: number }): VNode {
  const text = (field: string): string => (typeof record[field] === 'string' ? visible(record[field]) : '');
  const swarmlet = text('swarmlet');
  return html`<tr>
    <td class="faint"><time datetime=${record.at}>${clock(record.at, now)}</time></td>
    <td><span class=${`event event-${record.event}`}>${visible(record.event)}</span></td>
    <td>${/^[a-z0-9][a-z0-9._-]*$/.test(swarmlet) ? html`<a href=${hashOf({ kind: 'swarmlet', swarmlet, tab: 'history' })}>${swarmlet}</a>` : swarmlet}</td>
    <td class="by">${text('principal') || text('address')}</td>
    <td>${whatOf(record, text)}</td>
  </tr>`;
}

function whatOf(record: PageRecord, text: (field: string) => string): string {
  const reason = text('reason');
  switch (record.event) {
    case 'state':
      return `${text('from')} → ${text('to')}${reason ? ` (${reason})` : ''}`;
    case 'accepted':
      return [text('action'), text('version'), shortDigest(text('digest'))].filter((part) => part !== '').join(' ');
    case 'executed':
      return `${text('action')}: ${text('outcome')}`;
    case 'refused':
      return `${text('code')}: ${text('message')}`;
    case 'strangers':
      return `${text('code')}, ${String(record.count)} times`;
    default:
      return reason || text('problem');
  }
}
