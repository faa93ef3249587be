import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Page {
  display(html: unknown): void;
  update(id: unknown, property: unknown, content: unknown): void;
  addResource(name: string, data: unknown, contentType: unknown): void;
  addListener(path: string, callback: (value: never) => void): void;
  stop(): void;
}
const { UserInterface } = require('@accessors-modules/user-interface') as {
  UserInterface: new (options: object, header: unknown, content: unknown) => Page;
};

let page: Page | undefined;

/** Shows a web page at http://localhost:PORT, with parts that can be changed while it is open. The forms of the page post
 *  their fields, and scripts in it post with `postData(value)`.
 *  @input html         string; HTML that takes the place of the content
 *  @input resources    any; {name: {data, contentType}, ...}, files that the page may load by name
 *  @input update       JSON; {id, property, content} sets a property of the element with that id
 *  @output post        JSON, spontaneous; what the page posted
 *  @parameter header   string, default ""; HTML for the head
 *  @parameter content  string, default ""; HTML for the body
 *  @parameter port     int, default 8089
 *  @error a port that cannot be had, and an update without id or property, are reported
 *  @example
 *  const page = this.instantiate('page', 'utilities/UserInterface');
 *  page.setParameter('port', 0); // any that is free
 *  page.setParameter('content', '<form><input name="name"><button>Go</button></form>');
 *  this.connect(page, 'post', display, 'input'); // {name: ...} */
export function setup(this: AccessorContext): void {
  this.input('html', { type: 'string' });
  this.input('resources');
  this.input('update', { type: 'JSON' });
  this.output('post', { type: 'JSON', spontaneous: true });
  this.parameter('header', { type: 'string', value: '' });
  this.parameter('content', { type: 'string', value: '' });
  this.parameter('port', { type: 'int', value: 8089 });
}

export function initialize(this: AccessorContext): void {
  const opened = new UserInterface({ port: this.getParameter('port') }, this.getParameter('header'), this.getParameter('content'));
  page = opened;
  opened.addListener('error', (error: Error) => this.error(error.message));
  opened.addListener('/', (text: string) => post.call(this, text));
  this.addInputHandler('html', () => opened.display(this.get('html')));
  this.addInputHandler('resources', () => {
    for (const [name, resource] of Object.entries((this.get('resources') ?? {}) as Record<string, Record<string, unknown>>)) {
      opened.addResource(name, resource.data, resource.contentType);
    }
  });
  this.addInputHandler('update', () => update.call(this, opened));
}

function update(this: AccessorContext, opened: Page): void {
  const { id, property, content } = (this.get('update') ?? {}) as Record<string, unknown>;
  if (!id || !property) this.error(`An update should have an id and a property, got ${JSON.stringify(this.get('update'))}`);
  else opened.update(id, property, content);
}

function post(this: AccessorContext, text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    this.error(`What was posted is no JSON: ${text.slice(0, 100)}`);
    return;
  }
  this.send('post', value);
}

export function wrapup(this: AccessorContext): void {
  page?.stop();
  page = undefined;
}
