import { useState } from 'preact/hooks';
import { Command, Dialog } from './bits.ts';
import { usePage } from './context.ts';
import { html, type VNode } from './html.ts';
import { keep, kept } from './kept.ts';
import type { SigningKey } from './ssh-key.ts';

/** The key that the visitor signs with: it stays in this page, unless the visitor wants this browser to keep it. */
export function KeyDialog({ close }: { readonly close: () => void }): VNode {
  const { key, setKey } = usePage();
  const [problem, setProblem] = useState('');
  const [isKept, setKept] = useState(kept('key') !== undefined);
  const use = async (make: () => Promise<SigningKey>): Promise<void> => {
    try {
      const made = await make();
      setProblem('');
      setKey(made);
      if (isKept) await keepKey(made);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const parse = (text: string): void => void use(async () => (await import('./ssh-key.ts')).parseKey(text));
  const file = async (event: Event): Promise<void> => {
    const [chosen] = (event.target as HTMLInputElement).files ?? [];
    if (chosen) parse(await chosen.text());
  };
  const keeping = async (wanted: boolean): Promise<void> => {
    const done = wanted && key ? await keepKey(key) : keep('key', undefined);
    setKept(wanted && done);
    if (!done) setProblem('This browser keeps nothing for pages. The key stays until this page is closed.');
  };
  return html`<${Dialog} title="Your key" close=${close}>
    ${
      key
        ? html`<p>This page signs as <strong>${key.comment || 'a key without a name'}</strong>.</p>
        <p class="id"><code>${key.id}</code></p>
        <p class="faint">The operator of the box trusts it with:</p>
        <${Command} text=${`echo '${key.line} ${key.comment}' | accessors trust add /dev/stdin`} />
        <label><input type="checkbox" checked=${isKept} onChange=${(event: Event) => keeping((event.target as HTMLInputElement).checked)} /> Keep it in this browser, readable for whoever uses it</label>
        <div class="buttons"><button type="button" onClick=${() => {
          keep('key', undefined);
          setKept(false);
          setKey(undefined);
        }}>Forget this key</button></div>`
        : html`<p>What changes the box is signed here, by your Ed25519 key. The key does not leave this page.</p>
        <label class="field">Private key file of OpenSSH, without a passphrase<input type="file" onChange=${file} /></label>
        <label class="field">or its text<textarea rows="4" spellcheck="false" autocomplete="off" placeholder="-----BEGIN OPENSSH PRIVATE KEY-----" onInput=${(
          event: InputEvent,
        ) => {
          const text = (event.target as HTMLTextAreaElement).value;
          if (/-----END [A-Z ]+-----\s*$/.test(text)) parse(text);
        }}></textarea></label>
        <div class="buttons"><button type="button" onClick=${() => use(async () => (await import('./ssh-key.ts')).newKey())}>Make a new key for this page</button></div>
        <p class="faint">A key on a token, in an agent or with a passphrase signs by the command that stands beside each change.</p>`
    }
    ${problem ? html`<p class="bad" role="alert">${problem}</p>` : null}
  </${Dialog}>`;
}

async function keepKey(key: SigningKey): Promise<boolean> {
  return keep('key', (await import('./ssh-key.ts')).formatKey(key));
}
