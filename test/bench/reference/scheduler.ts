/** The least that is a scheduler of actors: each has one value and a list of destinations, and waits in one queue to react. */
export class Actor {
  value = 0;
  waiting = false;
  readonly destinations: Actor[] = [];
  readonly react: (self: Actor) => void;
  constructor(react: (self: Actor) => void) {
    this.react = react;
  }
}

const queue: Actor[] = [];

export function provide(actor: Actor, value: number): void {
  actor.value = value;
  if (actor.waiting) return;
  actor.waiting = true;
  queue.push(actor);
}

export function send(from: Actor, value: number): void {
  for (const to of from.destinations) provide(to, value);
}

export function run(): void {
  for (let i = 0; i < queue.length; i++) {
    const actor = queue[i] as Actor;
    actor.waiting = false;
    actor.react(actor);
  }
  queue.length = 0;
}

/** An actor that sends its value plus one. */
export const gain = (): Actor => new Actor((self) => send(self, self.value + 1));

export function connect(from: Actor, ...to: readonly Actor[]): void {
  from.destinations.push(...to);
}
