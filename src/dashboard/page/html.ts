/** Elements as a template; what stands in `${}` is text, whatever is in it. */
export { html } from 'htm/preact';
export type { ComponentChildren, VNode } from 'preact';
