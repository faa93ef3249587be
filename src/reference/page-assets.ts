/** Light or dark as the reader's system is. */
export const style = `
:root { color-scheme: light dark; --paper: #fafbfc; --card: #fff; --line: #d5dce5; --text: #17202c; --faint: #55616f; --in: #2563a8; --out: #0a7a5c; --mark: #eef3f9; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f141b; --card: #171e28; --line: #36424f; --text: #e8edf4; --faint: #9aa7b8; --in: #6cb2f2; --out: #4cc9a0; --mark: #202b38; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; display: flex; background: var(--paper); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
a { color: inherit; text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible, input:focus-visible, button:focus-visible { outline: 2px solid var(--in); outline-offset: 2px; }
aside { position: sticky; top: 0; flex: 0 0 270px; height: 100vh; overflow-y: auto; padding: 20px; border-right: 1px solid var(--line); }
aside h1 { margin: 0 0 14px; font-size: 17px; }
aside h2 { margin: 16px 0 4px; font-size: 12px; font-weight: 600; color: var(--faint); overflow-wrap: anywhere; }
aside ul { margin: 0; padding: 0; list-style: none; }
aside li a { display: block; padding: 2px 8px; border-radius: 5px; overflow-wrap: anywhere; }
aside li a:hover, aside li a.here { background: var(--mark); text-decoration: none; }
.search { display: block; font-size: 12px; color: var(--faint); }
.search input { display: block; width: 100%; margin-top: 3px; padding: 7px 10px; border: 1px solid var(--line); border-radius: 7px; background: var(--card); color: var(--text); font: inherit; font-size: 14px; }
#count { margin: 8px 0 0; font-size: 12px; color: var(--faint); }
main { display: flex; flex-direction: column; flex: 1; min-width: 0; padding: 24px; }
article { width: 100%; max-width: 980px; margin: 0 auto 24px; padding: 20px 24px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; scroll-margin-top: 16px; }
article h2 { margin: 0 0 4px; font-size: 20px; overflow-wrap: anywhere; }
article h3, caption { margin: 18px 0 4px; font-size: 13px; font-weight: 600; color: var(--faint); text-align: left; }
article p { margin: 0 0 6px; }
.purpose { max-width: 75ch; }
.scroll { overflow-x: auto; margin-top: 14px; }
table { border-collapse: collapse; width: 100%; min-width: 620px; table-layout: fixed; font-size: 14px; }
th { font-weight: 400; font-size: 12px; color: var(--faint); text-align: left; }
th, td { padding: 4px 16px 4px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
th:nth-child(1) { width: 24%; }
th:nth-child(2) { width: 15%; }
th:nth-child(3) { width: 21%; }
td:last-child { padding-right: 0; }
code, pre, svg text { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
td code { font-size: 13px; overflow-wrap: anywhere; }
pre { margin: 0; padding: 12px 14px; overflow-x: auto; background: var(--mark); border-radius: 7px; font-size: 13px; line-height: 1.45; }
svg text { font-size: 12px; fill: var(--text); }
svg .title { font-weight: 600; }
svg .type, svg .setting { fill: var(--faint); }
svg .box { fill: var(--paper); stroke: var(--line); }
svg .rule { stroke: var(--line); }
svg .wire { stroke-width: 1.5; fill: none; }
svg .wire.in { stroke: var(--in); } svg .tip.in { fill: var(--in); }
svg .wire.out { stroke: var(--out); } svg .tip.out { fill: var(--out); }
svg .spontaneous { stroke-dasharray: 3 3; }
button { font: inherit; padding: 4px 12px; border: 1px solid var(--line); border-radius: 7px; background: var(--card); color: var(--text); cursor: pointer; }
#nothing { text-align: center; color: var(--faint); margin-top: 15vh; }
@media (max-width: 760px) {
  body { display: block; }
  aside { position: static; height: auto; max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 12px; }
  article { padding: 14px; }
  table { min-width: 0; }
  table, caption, tbody { display: block; }
  thead { display: none; }
  tr { display: flex; flex-wrap: wrap; gap: 0 12px; padding: 5px 0; border-bottom: 1px solid var(--line); }
  td { padding: 0; border: 0; }
  td:nth-child(3):not(:empty)::before { content: 'default '; color: var(--faint); }
  td:last-child { flex-basis: 100%; }
  td:empty { display: none; }
}
`;

/** Searching, and where the reader is. Words are all looked for; those whose class has them stand first. */
export const script = `
const search = document.getElementById('search');
const articles = [...document.querySelectorAll('article')];
const texts = new Map(articles.map((one) => [one, one.textContent.toLowerCase()]));
const links = new Map([...document.querySelectorAll('nav a')].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
function find() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const one of articles) {
    const found = words.every((word) => texts.get(one).includes(word));
    one.hidden = !found;
    links.get(one.id).parentElement.hidden = !found;
    const named = words.length > 0 && words.every((word) => one.id.toLowerCase().includes(word));
    one.style.order = named ? 0 : 1;
    if (found) shown++;
  }
  for (const group of document.querySelectorAll('nav section')) group.hidden = !group.querySelector('li:not([hidden])');
  document.getElementById('nothing').hidden = shown > 0;
  document.getElementById('count').textContent = shown === articles.length ? shown + ' accessors' : shown + ' of ' + articles.length + ' accessors';
}
function follow() {
  for (const link of links.values()) link.classList.remove('here');
  const name = decodeURIComponent(location.hash.slice(1));
  const link = links.get(name);
  if (!link) return;
  if (document.getElementById(name).hidden) clear();
  link.classList.add('here');
  link.scrollIntoView({ block: 'nearest' });
  document.getElementById(name).scrollIntoView();
}
function clear() {
  search.value = '';
  find();
}
search.addEventListener('input', () => {
  find();
  scrollTo(0, 0);
});
document.getElementById('clear').addEventListener('click', () => {
  clear();
  search.focus();
});
addEventListener('hashchange', follow);
addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== search) {
    event.preventDefault();
    search.select();
  } else if (event.key === 'Escape' && document.activeElement === search) clear();
});
find();
follow();
`;
