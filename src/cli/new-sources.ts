export type Language = 'js' | 'ts';

const typeImport = "import type { AccessorContext } from '@terraswarm/accessors';\n\n";

/** How a function that the host calls begins and ends. */
const forms: Readonly<Record<Language, { opening(name: string): string; readonly closing: string }>> = {
  js: { opening: (name) => `exports.${name} = function () {`, closing: '};' },
  ts: { opening: (name) => `export function ${name}(this: AccessorContext): void {`, closing: '}' },
};

export function accessorSource(name: string, language: Language): string {
  const { opening, closing } = forms[language];
  const variable = name.charAt(0).toLowerCase() + name.slice(1);
  const number = (text: string): string => (language === 'ts' ? `Number(${text})` : text);
  return `${language === 'ts' ? typeImport : ''}/** Sends its input times \`gain\`.
 *  @input input     number
 *  @output output   number
 *  @parameter gain  number, default 2
 *  @error an input that is no number is reported and ignored
 *  @example
 *  const ${variable} = this.instantiate('${variable}', './${name}');
 *  this.connect(sensor, 'output', ${variable}, 'input'); */
${opening('setup')}
  this.input('input', { type: 'number' });
  this.output('output', { type: 'number' });
  this.parameter('gain', { type: 'number', value: 2 });
${closing}

${opening('initialize')}
  this.addInputHandler('input', () => {
    const input = this.get('input');
    if (typeof input === 'number') this.send('output', input * ${number("this.getParameter('gain')")});
    else this.error(\`The input should be a number, got \${input}\`);
  });
${closing}
`;
}

/** A swarmlet that gives the accessor 0, 1 and 2, a second apart. */
export function testSource(name: string, language: Language): string {
  const { opening, closing } = forms[language];
  return `${language === 'ts' ? typeImport : ''}/** Compares what ${name} sends with what it should. */
${opening('setup')}
  const source = this.instantiate('source', 'test/TestSpontaneous'); // 0, 1, 2, ... every second
  const tested = this.instantiate('tested', './${name}');
  const test = this.instantiate('test', 'test/TrainableTest');
  test.setParameter('correctValues', [0, 2, 4]);
  this.connect(source, 'output', tested, 'input');
  this.connect(tested, 'output', test, 'input');
${closing}

${opening('initialize')}
  this.stopAt(3500);
${closing}
`;
}
