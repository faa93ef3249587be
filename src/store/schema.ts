/** Each makes of a database of one format one of the next; the first, of an empty one. None is ever changed. */
export const migrations: readonly string[] = [
  `
create table names (
  swarmlet text primary key,
  sequence integer not null,
  placed text,
  shown text,
  pending text not null
) without rowid;
create table versions (
  number integer primary key,
  swarmlet text not null,
  digest text not null,
  payload blob not null,
  signatures text not null,
  signers text not null,
  received_at integer not null,
  state text not null,
  reason text,
  at text not null,
  first_running_at integer,
  given_back integer not null,
  unique (swarmlet, digest)
);
create table nonces (
  number integer primary key,
  nonce text not null unique,
  swarmlet text not null,
  digest text not null,
  sequence integer,
  version text,
  until integer not null
);
create index expiry on nonces (until);
create table clock (one integer primary key check (one = 1), latest integer not null);
insert into clock values (1, 0);
create table audit (seq integer primary key, at integer not null, line text not null);
create index audit_time on audit (at);
`,
  // What gets its place back when its successor fails, also after a restart of the box.
  `
alter table names add column previous text;
alter table names add column previous_until integer;
`,
  // When the state was last taken from a backup: what was issued before may have been carried out already.
  `
alter table clock add column restored integer not null default 0;
`,
];

/** Kept in the database as its `user_version`. An older one is migrated, a newer one refused. */
export const format = migrations.length;
