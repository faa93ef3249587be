import { useState } from 'preact/hooks';
import type { PageDeployment, PageVersion } from '../page-messages.ts';
import { get } from './api.ts';
import { StateBadge, useLoaded } from './bits.ts';
import { usePage } from './context.ts';
import { diff } from './diff.ts';
import { html, type VNode } from './html.ts';
import { rollback, type Target } from './proposals.ts';
import { clock, shortDigest, visible } from './text.ts';

/** Which versions there were, of whom, and what differs between them. */
export function HistoryTab({ target }: { readonly target: Target }): VNode {
  const { model, propose } = usePage();
  const { swarmlet, status } = target;
  const loaded = useLoaded(
    () => get<{ readonly versions: readonly PageVersion[] }>(`history/${swarmlet}`),
    [swarmlet, status.digest, status.state],
  );
  const [compared, setCompared] = useState('');
  if (loaded.kind === 'loading') return html`<p class="faint pad">Loading…</p>`;
  if (loaded.kind === 'failed') return html`<p class="bad pad">${loaded.why}</p>`;
  const { versions } = loaded.value;
  return html`<ol class="history">${versions.map((version, i) => {
    const before = versions[i + 1];
    const isShown = compared === version.digest;
    return html`<li key=${version.digest}>
      <div class="bar thin">
        <strong>${version.version}</strong><${StateBadge} state=${version.state} reason=${version.reason} />
        <span>${version.principal}</span>
        <time class="faint" datetime=${version.receivedAt}>${clock(version.receivedAt, model.now())}</time>
        <code class="faint" title=${version.digest}>${shortDigest(version.digest)}</code>
        ${version.givenBack ? html`<span class="tag">put back</span>` : null}
        <span class="spacer"></span>
        ${before ? html`<button type="button" class="small" aria-expanded=${isShown} onClick=${() => setCompared(isShown ? '' : version.digest)}>${isShown ? 'Hide' : `Compare with ${before.version}`}</button>` : null}
        ${version.digest === status.digest ? null : html`<button type="button" class="small" onClick=${() => propose(rollback(target, version))}>Roll back…</button>`}
      </div>
      <${FileChanges} changes=${version.changes} first=${!before} />
      ${isShown && before ? html`<${Comparison} swarmlet=${swarmlet} before=${before.digest} after=${version.digest} />` : null}
    </li>`;
  })}</ol>`;
}

function FileChanges({ changes, first }: { readonly changes: PageVersion['changes']; readonly first: boolean }): VNode | null {
  if (!changes) return first ? html`<p class="faint changes">the first that is kept</p>` : null;
  const parts = [
    ...changes.added.map((name) => html`<span class="added">+ ${visible(name)}</span>`),
    ...changes.changed.map((name) => html`<span class="changed">~ ${visible(name)}</span>`),
    ...changes.removed.map((name) => html`<span class="removed">− ${visible(name)}</span>`),
  ];
  return html`<p class="changes">${parts.length > 0 ? parts : html`<span class="faint">the same files</span>`}</p>`;
}

interface Compared {
  readonly swarmlet: string;
  readonly before: string;
  readonly after: string;
}

/** What differs between two deployments: files, parameters and capabilities. */
function Comparison({ swarmlet, before, after }: Compared): VNode {
  const load = (digest: string): Promise<PageDeployment> => get(`deployment/${swarmlet}?digest=${encodeURIComponent(digest)}`);
  const loaded = useLoaded(() => Promise.all([load(before), load(after)]), [before, after]);
  if (loaded.kind === 'loading') return html`<p class="faint">Loading…</p>`;
  if (loaded.kind === 'failed') return html`<p class="bad">${loaded.why}</p>`;
  const [old, made] = loaded.value.map(textsOf) as [Map<string, string>, Map<string, string>];
  const names = [...new Set([...old.keys(), ...made.keys()])].filter((name) => old.get(name) !== made.get(name));
  if (names.length === 0) return html`<p class="faint">Files, parameters and capabilities are the same.</p>`;
  return html`${names.map(
    (name) => html`<details class="diff" open key=${name}><summary>${visible(name)}</summary>
    <pre tabindex="0" aria-label=${`Changes of ${name}`}>${diff(old.get(name) ?? '', made.get(name) ?? '').map(
      (line) =>
        html`<span class=${`diff-${line.kind}`}><span class="number" aria-hidden="true">${String(line.old ?? '').padStart(4)} ${String(line.new ?? '').padStart(4)}</span> ${marks[line.kind]} ${visible(line.text)}${'\n'}</span>`,
    )}</pre></details>`,
  )}`;
}

const marks = { same: ' ', added: '+', removed: '-', gap: '⋯' } as const;

/** Everything of a deployment as texts by name. */
function textsOf({ main, files, parameters, capabilities }: PageDeployment): Map<string, string> {
  const lines = [
    `main ${main}`,
    ...capabilities.map((name) => `capability ${name}`),
    ...parameters.map((one) => `parameter ${one.name} = ${'value' in one ? JSON.stringify(one.value) : '(sealed)'}`),
  ];
  return new Map([['(statement)', lines.join('\n')], ...files.map(({ name, text }) => [name, text] as const)]);
}
