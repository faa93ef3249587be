import { counter, type Family, gauge, histogram, type Series, scaled } from './family.ts';
import type { Reading } from './reading.ts';

/** All of PROTOCOL 6. */
const states = ['staged', 'starting', 'running', 'stopping', 'stopped', 'completed', 'failed', 'backoff', 'expired', 'superseded'];

/** The one series of a metric without labels. */
function only(value: (reading: Reading) => number | boolean | undefined): (reading: Reading) => Series[] {
  return (reading) => {
    const told = value(reading);
    return [[typeof told === 'boolean' ? Number(told) : told]];
  };
}

/** What is told of the box itself and of its process. */
export const boxFamilies: readonly Family[] = [
  gauge('swarmbox_build_info', 'Version of this package and of Node.js; always 1.', ['version', 'nodejs'], ({ version }) => [
    [1, version, process.version],
  ]),
  gauge(
    'swarmbox_isolation_info',
    'The isolation level that it reaches, and the least that it would do with; always 1.',
    ['level', 'minimum'],
    ({ level, minimum }) => [[1, level, minimum]],
  ),
  gauge(
    'swarmbox_ready',
    '1 while it takes deployments, as /-/ready tells.',
    [],
    only(({ isReady }) => isReady),
  ),
  gauge('swarmbox_swarmlets', 'Swarmlets by state.', ['state'], ({ swarmlets }) => {
    const counts = new Map(states.map((state) => [state, 0]));
    for (const { state } of swarmlets) counts.set(state, (counts.get(state) ?? 0) + 1);
    return [...counts].map(([state, count]): Series => [count, state]);
  }),
  gauge(
    'swarmbox_swarmlets_limit',
    'Swarmlets that it may have at a time; stopped ones do not count.',
    [],
    only(({ mostSwarmlets }) => mostSwarmlets),
  ),
  gauge(
    'swarmbox_pool_size',
    'Isolates that are to wait for a swarmlet.',
    [],
    only(({ pool }) => pool?.size),
  ),
  gauge(
    'swarmbox_pool_idle',
    'Isolates that could take a swarmlet at once.',
    [],
    only(({ pool }) => pool?.idle),
  ),
  counter(
    'swarmbox_isolate_starts_total',
    'Isolates that were given to a swarmlet: warm, one that waited; cold, one made for it.',
    ['start'],
    ({ pool }) => [
      [pool?.warm, 'warm'],
      [pool?.cold, 'cold'],
    ],
  ),
  histogram(
    'swarmbox_event_loop_lag_seconds',
    'How late its event loop was, looked at twice a second from the first scrape on.',
    [],
    ({ loop }) => [[loop.late]],
  ),
  counter(
    'swarmbox_event_loop_busy_seconds_total',
    'Time in which its event loop did something.',
    [],
    only(({ loop }) => loop.busySeconds),
  ),
  gauge(
    'swarmbox_connections',
    'Connections to its deployment listener: callers, who are authenticated, and strangers.',
    ['kind'],
    ({ connections }) => [
      [connections?.callers, 'caller'],
      [connections?.strangers, 'stranger'],
    ],
  ),
  counter('swarmbox_refusals_total', 'Calls and statements that were refused, by code.', ['code'], ({ refusals }) =>
    [...refusals].map(([code, count]): Series => [count, code]),
  ),
  gauge(
    'swarmbox_audit_sequence',
    'Number of the newest record of its audit.',
    [],
    only(({ audit }) => audit.sequence),
  ),
  gauge(
    'swarmbox_audit_waiting_records',
    'Records that are not on disk yet.',
    [],
    only(({ audit }) => audit.waiting),
  ),
  gauge(
    'swarmbox_trusted_keys',
    'Keys in its trust list.',
    [],
    only(({ trustedKeys }) => trustedKeys),
  ),
  gauge(
    'swarmbox_trusted_key_expiry_timestamp_seconds',
    'When the first of them is over, Unix time.',
    [],
    only(({ keyExpiry }) => scaled(keyExpiry, 1e-3)),
  ),
  gauge(
    'swarmbox_certificate_expiry_timestamp_seconds',
    'When its TLS certificate is over, Unix time.',
    [],
    only(({ certificateExpiry }) => scaled(certificateExpiry, 1e-3)),
  ),
  gauge('swarmbox_discovered_boxes', 'Other boxes that it knows of, by discoverer.', ['source'], ({ boxes }) =>
    [...boxes].map(([source, count]): Series => [count, source]),
  ),
  gauge(
    'swarmbox_time_seconds',
    'What its clock says, Unix time.',
    [],
    only(() => Date.now() / 1000),
  ),
  gauge(
    'swarmbox_clock_fault',
    '1 if its clock cannot have been right when it started.',
    [],
    only(({ hasClockFault }) => hasClockFault),
  ),
  gauge(
    'swarmbox_disk_size_bytes',
    'Size of the file system of its state folder.',
    [],
    only(({ disk }) => disk?.size),
  ),
  gauge(
    'swarmbox_disk_free_bytes',
    'What of that is free for it.',
    [],
    only(({ disk }) => disk?.free),
  ),
  counter(
    'process_cpu_seconds_total',
    'Processor time of the box, without its isolates.',
    [],
    only(({ process }) => process.cpuSeconds),
  ),
  gauge(
    'process_resident_memory_bytes',
    'Resident memory of the box, without its isolates.',
    [],
    only(({ process }) => process.memory.rss),
  ),
  gauge(
    'process_start_time_seconds',
    'When it was started, Unix time.',
    [],
    only(({ process }) => process.startTime),
  ),
  gauge(
    'process_open_fds',
    'Descriptors that it has open.',
    [],
    only(({ process }) => process.openDescriptors),
  ),
  gauge(
    'process_max_fds',
    'Descriptors that it may have open.',
    [],
    only(({ process }) => process.mostDescriptors),
  ),
  gauge(
    'nodejs_heap_size_total_bytes',
    'Heap of V8.',
    [],
    only(({ process }) => process.memory.heapTotal),
  ),
  gauge(
    'nodejs_heap_size_used_bytes',
    'What of it is used.',
    [],
    only(({ process }) => process.memory.heapUsed),
  ),
  gauge(
    'nodejs_external_memory_bytes',
    'Memory of buffers beside the heap.',
    [],
    only(({ process }) => process.memory.external),
  ),
];
