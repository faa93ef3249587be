/**
 * Follows the server's events, and posts as JSON what the fields of a form hold when it is sent. `postData(value)` is for
 * scripts and handlers of the content.
 */
const script = `
const content = document.getElementById('content');
function postData(value, path) {
  return fetch(path || '/', { method: 'POST', body: JSON.stringify(value) });
}
function apply(change) {
  if (change.kind === 'display') {
    if (content.innerHTML !== change.html) content.innerHTML = change.html;
    return;
  }
  const element = document.getElementById(change.id);
  if (!element) console.error('There is no element with the id ' + change.id);
  else if (change.property in element) element[change.property] = change.content;
  else element.setAttribute(change.property, change.content);
}
new EventSource('/events').onmessage = (event) => apply(JSON.parse(event.data));
document.addEventListener('submit', (event) => {
  event.preventDefault();
  postData(Object.fromEntries(new FormData(event.target, event.submitter)), event.target.getAttribute('action'));
});
`;

/** @param header, content  HTML of the swarmlet's author, for the head and the body */
export function page(header: string, content: string): string {
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${header}
</head>
<body>
<div id="content">${content}</div>
<script>${script}</script>
</body>
</html>
`;
}
