import { useEffect, useRef } from 'preact/hooks';
import type { PageStatus } from '../page-messages.ts';
import { get } from './api.ts';
import { useLoaded } from './bits.ts';
import { usePage } from './context.ts';
import { html, type VNode } from './html.ts';
import { amount, count } from './text.ts';

/** What a swarmlet uses and may use. */
export function DetailsTab({ status: told }: { readonly status: PageStatus }): VNode {
  const { model } = usePage();
  const usage = model.usage.get(told.swarmlet) ?? [];
  // The stream tells of changes of the state; what it used meanwhile is asked for with each sample.
  const loaded = useLoaded(() => get<PageStatus>(`status/${told.swarmlet}`), [told, model.taken]);
  const status = loaded.kind === 'here' ? loaded.value : told;
  const { cpuMs, lagMs, reactions, messagesIn, messagesOut, bytesIn, bytesOut, queuedIn, queuedOut, droppedLogs } = status.usage;
  const facts: [name: string, value: string][] = [
    ['Version', status.version],
    ['Digest', status.digest],
    ['Sequence', String(status.sequence)],
    ['Principal', status.principal],
    ['In this state since', status.since],
    ['Isolation', `${status.isolation}, level ${status.level}`],
    ['Processor time', cpuMs === undefined ? 'not known' : `${(cpuMs / 1000).toFixed(1)} s`],
    ['Event loop answers in', lagMs === undefined ? 'not known' : `${lagMs < 10 ? lagMs.toFixed(1) : Math.round(lagMs)} ms`],
    ['Reactions', count(reactions)],
    ['Messages in, out', `${messagesIn}, ${messagesOut}`],
    ['Bytes in, out', `${amount(bytesIn)}, ${amount(bytesOut)}`],
    ['Waiting in, out', `${queuedIn}, ${queuedOut}`],
    ['Log writes dropped', String(droppedLogs)],
  ];
  return html`<div class="details">
    <div class="charts">
      <${Chart} title="CPU, % of one core" values=${usage.map((one) => one[0])} stepMs=${model.usageMs} taken=${model.taken} limit=${status.limits.cpuPercent} />
      <${Chart} title="Memory, MiB" values=${usage.map((one) => one[1])} stepMs=${model.usageMs} taken=${model.taken} limit=${status.limits.memoryMiB} />
      <${Chart} title="Messages a second, in and out" values=${usage.map((one) => one[2] + one[3])} stepMs=${model.usageMs} taken=${model.taken} limit=${undefined} />
    </div>
    <div class="columns">
      <div><h2>Facts</h2><dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>
      <div><h2>Limits</h2><dl>${Object.entries(status.limits).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>
    </div>
  </div>`;
}

interface ChartProps {
  readonly title: string;
  /** Null where nobody can tell. */
  readonly values: readonly (number | null)[];
  readonly stepMs: number;
  readonly limit: number | undefined;
  /** Another one when there is another value. */
  readonly taken: number;
}

type Data = [times: number[], values: (number | null)[]];

interface Plot {
  setData(data: Data): void;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
}

const HEIGHT = 150;

/** The last minutes of one value. */
function Chart({ title, values, stepMs, limit, taken }: ChartProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const data = useRef<Data>([[], []]);
  data.current = [values.map((_, i) => ((i - values.length + 1) * stepMs) / 1000), [...values]];
  useEffect(() => {
    let over = false;
    const fit = new ResizeObserver(() => plot.current?.setSize({ width: box.current?.clientWidth ?? 0, height: HEIGHT }));
    import('./plot.ts').then(({ makePlot }) => {
      if (over || !box.current) return;
      plot.current = makePlot(box.current, HEIGHT, data.current);
      fit.observe(box.current);
    });
    return () => {
      over = true;
      fit.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data.current), [taken]);
  const latest = values.at(-1);
  return html`<figure class="chart">
    <figcaption><span>${title}</span><strong>${latest === undefined || latest === null ? '' : Math.round(latest * 10) / 10}</strong>${limit === undefined ? null : html`<span class="faint">of ${limit}</span>`}</figcaption>
    <div class="plot" ref=${box}></div>
  </figure>`;
}
