import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from './context.ts';
import { html, type VNode } from './html.ts';
import { clock, visible } from './text.ts';

/** Lines that stand on the page at a time; the others come by the filter. */
const SHOWN = 1000;

/** What a swarmlet printed, and goes on to. */
export function LogsTab({ swarmlet }: { readonly swarmlet: string }): VNode {
  const { model } = usePage();
  const [filter, setFilter] = useState('');
  const [following, setFollowing] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const lines = model.logs?.swarmlet === swarmlet ? model.logs.lines : undefined;
  const wanted = filter.toLowerCase();
  const fitting = (lines ?? []).filter(({ line }) => line.toLowerCase().includes(wanted));
  const shown = fitting.slice(-SHOWN);
  useEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = box.current as HTMLDivElement;
    setFollowing(scrollHeight - scrollTop - clientHeight < 24);
  };
  return html`<div class="logs-tab">
    <div class="bar thin">
      <input type="search" placeholder="Filter lines" aria-label="Filter lines" value=${filter} onInput=${(event: InputEvent) => setFilter((event.target as HTMLInputElement).value)} />
      <label><input type="checkbox" checked=${following} onChange=${(event: Event) => setFollowing((event.target as HTMLInputElement).checked)} /> Follow</label>
      <span class="faint">${lines ? `${fitting.length} of ${lines.length} lines` : ''}</span>
    </div>
    <div class="logs" role="log" aria-label=${`What ${swarmlet} prints`} aria-live="off" tabindex="0" ref=${box} onScroll=${scrolled}>
      ${lines && shown.length === 0 ? html`<p class="faint">${lines.length === 0 ? 'It has printed nothing yet.' : 'No line has that text.'}</p>` : null}
      ${shown.map(({ at, line, level }) => html`<div class=${`line ${level}`}><time datetime=${at}>${clock(at, model.now())}</time><span>${visible(line)}</span></div>`)}
    </div>
  </div>`;
}
