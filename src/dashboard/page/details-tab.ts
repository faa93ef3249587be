import { useEffect, useRef } from 'preact/hooks';
import type { PageStatus } from '../page-messages.ts';
import { usePage } from './context.ts';
import { html, type VNode } from './html.ts';

/** What a swarmlet uses and may use. */
export function DetailsTab({ status }: { readonly status: PageStatus }): VNode {
  const { model } = usePage();
  const usage = model.usage.get(status.swarmlet) ?? [];
  const facts: [name: string, value: string][] = [
    ['Version', status.version],
    ['Digest', status.digest],
    ['Sequence', String(status.sequence)],
    ['Principal', status.principal],
    ['In this state since', status.since],
    ['Isolation', `${status.isolation}, level ${status.level}`],
    ['Messages in, out', `${status.usage.messagesIn}, ${status.usage.messagesOut}`],
    ['Log writes dropped', String(status.usage.droppedLogs)],
  ];
  return html`<div class="details">
    <div class="charts">
      <${Chart} title="CPU, % of one core" values=${usage.map((one) => one[0])} stepMs=${model.usageMs} limit=${status.limits.cpuPercent} />
      <${Chart} title="Memory, MiB" values=${usage.map((one) => one[1])} stepMs=${model.usageMs} limit=${status.limits.memoryMiB} />
      <${Chart} title="Messages a second, in and out" values=${usage.map((one) => one[2] + one[3])} stepMs=${model.usageMs} limit=${undefined} />
    </div>
    <div class="columns">
      <div><h2>Facts</h2><dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>
      <div><h2>Limits</h2><dl>${Object.entries(status.limits).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>
    </div>
  </div>`;
}

interface ChartProps {
  readonly title: string;
  readonly values: readonly number[];
  readonly stepMs: number;
  readonly limit: number | undefined;
}

interface Plot {
  setData(data: [number[], number[]]): void;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
}

const HEIGHT = 150;

/** The last minutes of one value. */
function Chart({ title, values, stepMs, limit }: ChartProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const data = useRef<[number[], number[]]>([[], []]);
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
  useEffect(() => plot.current?.setData(data.current), [values.length, values.at(-1)]);
  const latest = values.at(-1);
  return html`<figure class="chart">
    <figcaption><span>${title}</span><strong>${latest === undefined ? '' : Math.round(latest * 10) / 10}</strong>${limit === undefined ? null : html`<span class="faint">of ${limit}</span>`}</figcaption>
    <div class="plot" ref=${box}></div>
  </figure>`;
}
