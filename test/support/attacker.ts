import * as assert from 'uvu/assert';
import { type AttackedBox, alice, commonFields, deployOf, operator, sealed } from './attacked-box.ts';

/** Fails once, and stays so. */
export const NEVER = { run: { restart: 'never' } };
/** Code that runs when `initialize` is over. */
export const LATER = (code: string): string => `setTimeout(function () { ${code} }, 20);`;
/** A swarmlet of it. */
export const SOON = (code: string): string => initialize(LATER(code));

/** A swarmlet with an input `in` and an output `out` whose `initialize` is this; `self` is the accessor. */
export const initialize = (code: string, more = ''): string => `exports.setup = function () { this.input('in'); this.output('out'); };
exports.initialize = function () { var self = this; ${code} };
${more}`;

export interface Attack {
  readonly code: string;
  readonly limits?: object;
}

/** Runs hostile swarmlets on a box, and tells what became of them. */
export class Attacker {
  readonly #box: () => AttackedBox;
  #sequence = 0;

  constructor(box: () => AttackedBox) {
    this.#box = box;
  }

  get sequence(): number {
    return ++this.#sequence;
  }

  undeploy(name: string, pair = alice): object {
    return sealed({ action: 'undeploy', swarmlet: name, sequence: this.sequence, ...commonFields() }, pair);
  }

  /** Deploys it, waits until the box ended it, and gives why. */
  async ended({ code, limits = {} }: Attack, name = 't-bad'): Promise<string | null> {
    const wire = await this.#box().wire(alice);
    await wire.outcome('subscribe', { swarmlet: name, states: true });
    const more = { ...NEVER, limits: { reactionMs: 300, memoryMiB: 96, ...limits } };
    const answer = await wire.deploys(sealed(deployOf(name, this.sequence, code, more), alice));
    assert.ok(['done', 'SETUP_FAILED', 'START_TIMEOUT'].includes(answer), answer);
    const final = ['failed', 'completed', 'stopped'];
    const { params } = await wire.notification('state', ({ to }) => final.includes(String(to)));
    wire.end();
    return (params as { reason: string | null }).reason;
  }

  /** Each in its turn, and the box as it was after all of them. */
  async allEnd(attacks: readonly Attack[], expected: readonly string[]): Promise<void> {
    for (const attack of attacks) {
      const reason = await this.ended(attack);
      assert.ok(expected.includes(String(reason)), `${reason} of ${attack.code}`);
    }
    await this.#box().holds();
  }

  /** Runs it until it sent something, and gives that. */
  async says(code: string, name = 't-tell'): Promise<unknown> {
    const wire = await this.#box().wire(operator);
    await wire.outcome('subscribe', { swarmlet: name, outputs: ['out'] });
    assert.is(await wire.deploys(sealed(deployOf(name, this.sequence, code, NEVER), operator)), 'done', code);
    const { params } = await wire.notification('output');
    assert.is(await wire.outcome('undeploy', { envelope: this.undeploy(name, operator) }), 'done');
    wire.end();
    return (params as { value: unknown }).value;
  }

  /** What came of each expression, evaluated inside: `error` and its message, or `value` and the value as text. */
  async tries(expressions: readonly string[]): Promise<string[]> {
    const code = initialize(`var results = []; var list = ${JSON.stringify(expressions)};
  (function go(i) {
    if (i === list.length) { self.send('out', results); return; }
    var settled = false;
    function done(text) { if (settled) return; settled = true; results.push(String(text).slice(0, 200)); setTimeout(function () { go(i + 1); }, 0); }
    setTimeout(function () { done('nothing'); }, 1000);
    try {
      var value = eval(list[i]);
      if (value && typeof value.then === 'function') value.then(function (v) { done('value ' + v); }, function (e) { done('error ' + (e && e.message)); });
      else done('value ' + value);
    } catch (e) { done('error ' + (e && e.message)); }
  })(0);`);
    return (await this.says(code)) as string[];
  }
}
