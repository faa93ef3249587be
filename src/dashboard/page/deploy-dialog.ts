import { useState } from 'preact/hooks';
import { Dialog } from './bits.ts';
import { type Proposal, usePage } from './context.ts';
import { html, type VNode } from './html.ts';
import { withLibrary } from './library.ts';
import { type DeployFile, filesOf, nameOf, nextVersion } from './statement.ts';

/** More does not fit into a statement; a push sends files apart. */
const MOST_BYTES = 900_000;

/** The files that were dropped, as texts; or why they cannot be deployed from here. */
export async function readDropped(files: Iterable<File>): Promise<DeployFile[] | string> {
  const all = [...files];
  const [typescript] = all.filter(({ name }) => name.endsWith('.ts'));
  if (typescript) return `${typescript.name} is TypeScript, which is compiled where it is written: accessors push ${typescript.name}`;
  const scripts = all.filter(({ name }) => name.endsWith('.js'));
  if (scripts.length === 0) return 'A swarmlet is a .js file, with the accessors of its own that it instantiates.';
  if (scripts.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES)
    return 'These files are too large for one statement: accessors push sends them apart.';
  return Promise.all(scripts.map(async (file) => ({ name: file.webkitRelativePath || file.name, text: await file.text() })));
}

/** Asks what the files are to be on the box. */
export function DeployDialog({ files, close }: { readonly files: readonly DeployFile[]; readonly close: () => void }): VNode {
  const { model, propose } = usePage();
  const [main, setMain] = useState(mainOf(files));
  const [given, setGiven] = useState<string | undefined>(undefined);
  const [capabilities, setCapabilities] = useState('');
  const name = given ?? nameOf(main);
  const there = model.swarmlets?.get(name);
  const [typed, setVersion] = useState<string | undefined>(undefined);
  const version = typed ?? nextVersion(there?.version);
  const isGood = /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && /^\d+\.\d+\.\d+/.test(version);
  const text = (set: (value: string) => void) => (event: InputEvent) => set((event.target as HTMLInputElement).value);
  const next = (event: Event): void => {
    event.preventDefault();
    const wanted = capabilities.split(/[\s,]+/).filter((one) => one !== '');
    close();
    propose(deployment({ files, main, name, version, capabilities: wanted, there, deploy: model.box?.deploy ?? 'ws://BOX:7927' }));
  };
  return html`<${Dialog} title="Deploy" close=${close}>
    <form onSubmit=${next}>
      <p class="faint">${files.length === 1 ? '' : `${files.length} files. `}Accessors of the library that they name go with them.</p>
      ${files.length > 1 ? html`<label class="field">Swarmlet<select value=${main} onChange=${(event: Event) => setMain((event.target as HTMLSelectElement).value)}>${files.map((file) => html`<option value=${file.name}>${file.name}</option>`)}</select></label>` : html`<p><code>${main}</code></p>`}
      <label class="field">Name on the box<input value=${name} onInput=${text(setGiven)} required pattern="[a-z0-9][a-z0-9._\\-]*" maxlength="64" /></label>
      <label class="field">Version<input value=${version} onInput=${text(setVersion)} required /></label>
      <label class="field">Capabilities, if it asks for any<input value=${capabilities} placeholder="http-client" onInput=${text(setCapabilities)} /></label>
      <p class="faint">${there ? `It takes the place of ${there.version} by ${there.principal}, once it runs.` : 'It is new on this box.'}</p>
      <div class="buttons"><button type="submit" class="primary" disabled=${!isGood}>Next</button></div>
    </form>
  </${Dialog}>`;
}

interface Wanted {
  readonly files: readonly DeployFile[];
  readonly main: string;
  readonly name: string;
  readonly version: string;
  readonly capabilities: readonly string[];
  readonly there: { readonly sequence: number; readonly digest: string; readonly state: string } | undefined;
  readonly deploy: string;
}

function deployment({ files, main, name, version, capabilities, there, deploy }: Wanted): Proposal {
  const asked = capabilities.map((one) => ` --capability ${one}`).join('');
  return {
    title: `Deploy ${name} ${version}`,
    about: there
      ? 'The version there keeps its place until the new one runs, and if it does not start.'
      : 'It runs in an isolate of its own.',
    verb: 'Sign and deploy',
    swarmlet: name,
    command: `accessors push ${main} --name ${name} --version ${version}${asked} --to ${deploy}`,
    fields: async () => ({
      action: 'deploy',
      swarmlet: name,
      sequence: (there?.sequence ?? 0) + 1,
      ...(there && there.state !== 'stopped' && { replaces: there.digest }),
      version,
      main,
      files: await filesOf(await withLibrary(files)),
      ...(capabilities.length > 0 && { capabilities }),
    }),
    done: `${name} ${version} runs`,
  };
}

/** The one that no other file names. */
function mainOf(files: readonly DeployFile[]): string {
  const isNamed = ({ name }: DeployFile): boolean => {
    const base = name.slice(name.lastIndexOf('/') + 1).replace(/\.js$/, '');
    return files.some((other) => other.name !== name && new RegExp(`['"/]${base.replace(/[^\w-]/g, '.')}(?:\\.js)?['"]`).test(other.text));
  };
  return (files.find((file) => !isNamed(file)) ?? files[0])?.name ?? '';
}
