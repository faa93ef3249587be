import { useState } from 'preact/hooks';
import { Refused, submit } from './api.ts';
import { Command, Dialog } from './bits.ts';
import { type Proposal, usePage } from './context.ts';
import { html, type VNode } from './html.ts';

interface Props {
  readonly proposal: Proposal;
  readonly close: () => void;
  readonly askKey: () => void;
}

/** A change of the box, before it is made: signed here, or by a command elsewhere. */
export function ChangeDialog({ proposal, close, askKey }: Props): VNode {
  const { key, model, say } = usePage();
  const [problem, setProblem] = useState<string>('');
  const [isBusy, setBusy] = useState(false);
  const sign = async (): Promise<void> => {
    if (!key || !model.box) return;
    setBusy(true);
    try {
      const { signed } = await import('./statement.ts');
      const target = { box: model.box.id, nowMs: model.now() };
      const fields = await proposal.fields();
      await submit(signed(key, target, fields)).catch((error) => {
        // Of a name that was here long ago the box remembers nothing but its last sequence.
        const last = model.swarmlets?.has(proposal.swarmlet) ? undefined : lastSequenceIn(error);
        if (last === undefined) throw error;
        return submit(signed(key, target, { ...fields, sequence: last + 1 }));
      });
      say(proposal.done, 'good');
      close();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${proposal.title} close=${close}>
    <p>${proposal.about}</p>
    ${
      key
        ? html`<div class="buttons"><button type="button" class="primary" autofocus disabled=${isBusy} onClick=${sign}>${isBusy ? 'Waiting for the box…' : proposal.verb}</button>
          <span class="faint">as ${key.comment || key.id.slice(0, 16)}</span></div>`
        : html`<div class="buttons"><button type="button" class="primary" autofocus onClick=${askKey}>Sign with a key…</button></div>`
    }
    ${problem ? html`<p class="bad" role="alert">${problem}</p>` : null}
    <p class="faint">Or with the command, where your key is:</p>
    <${Command} text=${proposal.command} />
  </${Dialog}>`;
}

function lastSequenceIn(error: unknown): number | undefined {
  if (!(error instanceof Refused) || error.code !== 'STALE_SEQUENCE') return undefined;
  const { last } = (error.detail ?? {}) as { readonly last?: unknown };
  return typeof last === 'number' ? last : undefined;
}

function problemOf(error: unknown): string {
  if (error instanceof TypeError) return 'The box is not reached.';
  if (!(error instanceof Refused)) throw error;
  switch (error.code) {
    case 'UNTRUSTED_KEY':
      return `${error.message}.`;
    case 'STALE_SEQUENCE':
    case 'CONFLICT':
      return `${error.message}. Somebody else was faster: look at the history, and try again.`;
    default:
      return `${error.code}: ${error.message}`;
  }
}
