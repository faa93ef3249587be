import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type ComponentChildren, html, type VNode } from './html.ts';

/** State of a swarmlet: colour and word. */
export function StateBadge({ state, reason }: { readonly state: string; readonly reason: string | null }): VNode {
  return html`<span class=${`state state-${state}`}><span class="dot" aria-hidden="true"></span>${state}${reason ? html`<span class="reason"> ${reason}</span>` : null}</span>`;
}

/** Who is told when an element comes on the screen, or nearly, and when it leaves. */
const told = new WeakMap<Element, (isNear: boolean) => void>();
let nearness: IntersectionObserver | undefined;

/** True while the element is on the screen, or nearly: what nobody sees need not be drawn. */
export function useNear(ref: { readonly current: Element | null }): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    nearness ??= new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) told.get(target)?.(isIntersecting);
      },
      {
        rootMargin: '200px',
      },
    );
    const watching = nearness;
    told.set(element, setNear);
    watching.observe(element);
    return () => watching.unobserve(element);
  }, []);
  return isNear;
}

/** The course of a value; the value itself stands beside it. Nothing is drawn of what is null. */
export function Sparkline({ values: all, most }: { readonly values: readonly (number | null)[]; readonly most: number }): VNode {
  const values = all.filter((value) => value !== null);
  const [width, height] = [88, 22];
  const top = Math.max(most, ...values) || 1;
  const step = width / 149;
  const points = values.map(
    (value, i) => `${(width - (values.length - 1 - i) * step).toFixed(1)},${(height - 1.5 - (value / top) * (height - 3)).toFixed(1)}`,
  );
  const [first = ''] = points;
  const area = `${first.split(',')[0]},${height} ${points.join(' ')} ${width},${height}`;
  return html`<svg class="spark" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} aria-hidden="true">
    ${values.length > 1 ? html`<polygon points=${area} /><polyline points=${points.join(' ')} />` : null}
  </svg>`;
}

/** A command, and a button that copies it. */
export function Command({ text }: { readonly text: string }): VNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return html`<div class="command"><code>${text}</code><button type="button" class="small" onClick=${copy}>${copied ? 'Copied' : 'Copy'}</button></div>`;
}

/** A dialog of the browser's own: it has the keyboard, and Escape closes it. */
export function Dialog(props: { readonly title: string; readonly close: () => void; readonly children?: ComponentChildren }): VNode {
  const ref = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return html`<dialog ref=${ref} onClose=${props.close} aria-labelledby=${title}>
    <header class="dialog-head"><h2 id=${title}>${props.title}</h2>
      <button type="button" class="icon" aria-label="Close" onClick=${() => ref.current?.close()}>×</button></header>
    <div class="dialog-body">${props.children}</div>
  </dialog>`;
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }): VNode {
  return html`<div class="empty"><h2>${title}</h2>${children}</div>`;
}

/** What was asked for, or why it did not come. */
export type Loaded<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'here'; readonly value: T }
  | { readonly kind: 'failed'; readonly why: string };

/** Loads again when one of `when` is another; what was there stays until then. */
export function useLoaded<T>(load: () => Promise<T>, when: readonly unknown[]): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ kind: 'loading' });
  useEffect(() => {
    let over = false;
    load().then(
      (value) => over || setLoaded({ kind: 'here', value }),
      (error: Error) => over || setLoaded({ kind: 'failed', why: error instanceof TypeError ? 'The box is not reached' : error.message }),
    );
    return () => {
      over = true;
    };
  }, when);
  return loaded;
}
