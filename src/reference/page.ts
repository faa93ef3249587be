import { portDiagram } from './diagram.ts';
import type { HeaderPort } from './header.ts';
import { escaped } from './html.ts';
import type { Reference } from './library.ts';
import { script, style } from './page-assets.ts';

/** The reference of a library as one page of HTML that needs nothing else: no network, no server, no other file. */
export function referencePage(library: readonly Reference[], title: string): string {
  const folders = new Map<string, Reference[]>();
  for (const reference of library) {
    const folder = reference.class.slice(0, Math.max(0, reference.class.lastIndexOf('/')));
    folders.set(folder, [...(folders.get(folder) ?? []), reference]);
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<aside>
<h1><a href="#">${escaped(title)}</a></h1>
<label class="search">Search <input id="search" type="search" placeholder="class, port or word" autocomplete="off" aria-keyshortcuts="/"></label>
<p id="count" role="status">${library.length} accessors</p>
<nav>
${[...folders].map(([folder, members]) => group(folder, members)).join('\n')}
</nav>
</aside>
<main>
${library.map(article).join('\n')}
<p id="nothing" hidden>No accessor has that in its class, ports or text. <button type="button" id="clear">Show all</button></p>
</main>
<script>${script}</script>
</body>
</html>
`;
}

function group(folder: string, members: readonly Reference[]): string {
  const links = members.map(
    ({ class: name }) => `<li><a href="#${escaped(name)}">${broken(name.slice(name.lastIndexOf('/') + 1))}</a></li>`,
  );
  return `<section><h2>${broken(folder)}</h2><ul>${links.join('')}</ul></section>`;
}

function article(reference: Reference): string {
  const { class: name, purpose, inputs, outputs, parameters, errors, example } = reference;
  const ports = inputs.length + outputs.length + parameters.length;
  return [
    `<article id="${escaped(name)}">`,
    `<h2><a href="#${escaped(name)}">${broken(name)}</a></h2>`,
    `<p class="purpose">${prose(purpose)}</p>`,
    ...(ports > 0 ? [`<div class="scroll">${portDiagram(reference)}</div>`] : []),
    portTable('Inputs', inputs),
    portTable('Outputs', outputs),
    portTable('Parameters', parameters),
    ...(errors.length > 0 ? ['<h3>Errors</h3>', ...errors.map((error) => `<p>${prose(error)}</p>`)] : []),
    '<h3>Example</h3>',
    `<pre><code>${escaped(example ?? `accessors run ${name}`)}</code></pre>`,
    '</article>',
  ].join('\n');
}

function portTable(title: string, ports: readonly HeaderPort[]): string {
  if (ports.length === 0) return '';
  const rows = ports.map(({ name, type, value, spontaneous, note }) => {
    const usual = value === undefined ? '' : `<code>${escaped(JSON.stringify(value))}</code>`;
    return `<tr><td><code>${broken(name)}</code></td><td>${escaped(type)}${spontaneous ? ', spontaneous' : ''}</td><td>${usual}</td><td>${prose(note)}</td></tr>`;
  });
  return `<div class="scroll"><table><caption>${title}</caption><thead><tr><th>name</th><th>type</th><th>default</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** A name that is too long for its line goes on in the next one after a slash, or with a word of it. */
function broken(name: string): string {
  return escaped(name).replace(/\/|(?<=[a-z])(?=[A-Z])/g, '$&<wbr>');
}

/** Text in which what stands between backticks is code. */
function prose(text: string): string {
  return escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
