import { hasIsolate } from './box-counts.ts';
import { counter, type Family, gauge, histogram, type Series, scaled } from './family.ts';
import type { Histogram } from './histogram.ts';
import type { Reading, SwarmletReading } from './reading.ts';

const MiB = 2 ** 20;
/** Of a millisecond. */
const seconds = 1e-3;
const direction = ['swarmlet', 'direction'];

/** A series for each swarmlet. */
function ofEach(value: (swarmlet: SwarmletReading) => number | undefined): (reading: Reading) => Series[] {
  return ({ swarmlets }) => swarmlets.map((one) => [value(one), one.swarmlet]);
}

/** A series for each that uses anything. Counts begin anew with each isolate, as those of a process do. */
function used(value: (usage: SwarmletReading['usage']) => number | undefined): (reading: Reading) => Series[] {
  return ({ swarmlets }) => swarmlets.filter(({ state }) => hasIsolate(state)).map(({ swarmlet, usage }) => [value(usage), swarmlet]);
}

function bothWays(
  into: 'messagesIn' | 'bytesIn' | 'queuedIn',
  out: 'messagesOut' | 'bytesOut' | 'queuedOut',
): (reading: Reading) => Series[] {
  return ({ swarmlets }) =>
    swarmlets
      .filter(({ state }) => hasIsolate(state))
      .flatMap(({ swarmlet, usage }): Series[] => [
        [usage[into], swarmlet, 'in'],
        [usage[out], swarmlet, 'out'],
      ]);
}

/** What is told of pushes and of each swarmlet. */
export const swarmletFamilies: readonly Family[] = [
  counter(
    'swarmlet_pushes_total',
    'Deployments that came, by outcome (deployed, refused, failed) and code of the error.',
    ['outcome', 'code'],
    ({ counts }) => counts.pushes.series,
  ),
  histogram('swarmlet_push_duration_seconds', 'From the last byte of a push until it runs.', [], ({ counts }) => [[counts.pushDuration]]),
  histogram(
    'swarmlet_push_phase_duration_seconds',
    'The same in steps: until it was verified, stored, started, running.',
    ['phase'],
    ({ counts }) => [...counts.phaseDurations].map(([phase, durations]): Series<Histogram> => [durations, phase]),
  ),
  gauge('swarmlet_info', 'Version and isolation of a swarmlet; always 1.', ['swarmlet', 'version', 'isolation', 'level'], ({ swarmlets }) =>
    swarmlets.map(({ swarmlet, version, isolation, level }) => [1, swarmlet, version, isolation, level]),
  ),
  gauge('swarmlet_state', 'The state that a swarmlet is in, and why; always 1.', ['swarmlet', 'state', 'reason'], ({ swarmlets }) =>
    swarmlets.map(({ swarmlet, state, reason }) => [1, swarmlet, state, reason ?? '']),
  ),
  gauge(
    'swarmlet_state_timestamp_seconds',
    'When it came into that state, Unix time.',
    ['swarmlet'],
    ofEach(({ since }) => Date.parse(since) / 1000),
  ),
  counter('swarmlet_restarts_total', 'Starts anew by itself after it had ended.', ['swarmlet'], ({ swarmlets, counts }) =>
    swarmlets.map(({ swarmlet }) => [counts.restarts.get(swarmlet) ?? 0, swarmlet]),
  ),
  counter(
    'swarmlet_terminations_total',
    'Ends of its isolates, by reason.',
    ['swarmlet', 'reason'],
    ({ counts }) => counts.terminations.series,
  ),
  counter(
    'swarmlet_cpu_seconds_total',
    'Processor time that its isolate used.',
    ['swarmlet'],
    used(({ cpuMs }) => scaled(cpuMs, seconds)),
  ),
  gauge(
    'swarmlet_memory_bytes',
    'Private memory of its isolate.',
    ['swarmlet'],
    used(({ memoryMiB }) => scaled(memoryMiB, MiB)),
  ),
  gauge(
    'swarmlet_memory_limit_bytes',
    'What it may use of it before it is ended.',
    ['swarmlet'],
    ofEach(({ limits }) => scaled(limits.memoryMiB, MiB)),
  ),
  gauge(
    'swarmlet_event_loop_lag_seconds',
    'How long its event loop took to answer when it was last asked.',
    ['swarmlet'],
    used(({ lagMs }) => scaled(lagMs, seconds)),
  ),
  counter(
    'swarmlet_reactions_total',
    'Reactions of all its accessors.',
    ['swarmlet'],
    used(({ reactions }) => reactions),
  ),
  counter(
    'swarmlet_messages_total',
    'Values that its inputs took, and that it sent by its outputs.',
    direction,
    bothWays('messagesIn', 'messagesOut'),
  ),
  counter(
    'swarmlet_message_bytes_total',
    'Bytes of these values as they cross to the isolate and from it.',
    direction,
    bothWays('bytesIn', 'bytesOut'),
  ),
  gauge(
    'swarmlet_queued_messages',
    'Values that wait for its inputs, and outputs that it may not send yet.',
    direction,
    bothWays('queuedIn', 'queuedOut'),
  ),
  counter(
    'swarmlet_dropped_logs_total',
    'Console writes and lines that were dropped or cut.',
    ['swarmlet'],
    used(({ droppedLogs }) => droppedLogs),
  ),
];
