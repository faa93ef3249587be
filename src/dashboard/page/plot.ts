import uPlot from 'uplot';

/** A line over the last minutes; the horizontal axis is in seconds before now. */
export function makePlot(box: HTMLElement, height: number, data: [number[], (number | null)[]]): uPlot {
  const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: () => colour('--faint'),
    grid: { stroke: () => colour('--line-soft'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  const minutes = (values: number[]): string[] => values.map((value) => (value === 0 ? 'now' : `−${-value / 60} min`));
  return new uPlot(
    {
      width: box.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [-298, 0] },
        y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] },
      },
      axes: [
        { ...axis, values: (_plot, values) => minutes(values), splits: () => [-240, -180, -120, -60, 0], size: 26 },
        { ...axis, size: 44 },
      ],
      series: [{}, { stroke: () => colour('--accent'), fill: () => colour('--accent-soft'), width: 1.5, points: { show: false } }],
    },
    data,
    box,
  );
}
