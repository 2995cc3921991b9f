-- Present state, history and read positions. Times are UTC.
-- Two clocks: *_at of an item say when something was true; learned_at says when we came to know it.

create extension if not exists timescaledb;

create type item_kind    as enum ('dossier', 'document', 'task');
create type item_state   as enum ('submitted', 'working', 'waiting', 'done', 'withdrawn', 'refused');
create type item_channel as enum ('counter', 'online', 'post');
create type unit_level   as enum ('province', 'department', 'district', 'commune');
create type compare_rule as enum ('date', 'instant');

create table units (
    id         int generated always as identity primary key,
    code       text not null unique,
    name       text not null,
    short      text not null default '',
    level      unit_level not null,
    parent     int references units,
    valid_from date,
    valid_to   date,
    successor  int references units,
    alt_codes  text[] not null default '{}',
    grid_row   int,                          -- place on the tile map; null: none
    grid_col   int
);

-- What a source declares about itself. A change of zone or comparison refolds its items (see refold below).
create table sources (
    name    text primary key,
    title   text not null,
    zone    text not null,                   -- the days by which its deadlines are compared
    compare compare_rule not null
);

-- One row per item: what we believe now.
create table items (
    source       text         not null,
    code         text         not null,
    kind         item_kind    not null,
    unit         int          not null,
    field        text         not null,
    procedure    text         not null,
    step         text         not null,
    channel      item_channel not null,
    state        item_state   not null,
    outgoing     boolean      not null,
    signed       boolean      not null,
    received_at  timestamptz  not null,
    appointed_at timestamptz,                -- the deadline as stated, or computed from the term; null: none
    due_at       timestamptz,                -- the effective deadline; null: none, or the clock is stopped
    soon_at      timestamptz,                -- from here on it is "due soon" (working time, so a column)
    early_before timestamptz,                -- closed before this: early
    late_from    timestamptz,                -- closed, or still worked on, from this on: late
    closed_at    timestamptz,
    pauses       tstzmultirange,             -- when it waited for the applicant; null: never
    suspect      text,                       -- what its source says that cannot be true, and how it was read
    happened_at  timestamptz  not null,      -- when the present state became true
    learned_at   timestamptz  not null,      -- when we learned it
    primary key (source, code),
    check (closed_at >= received_at)         -- else the sums of the classes cannot close
) with (fillfactor = 85);

-- What the clock can change by itself. Only items being worked on are in them, so they stay small.
create index items_late on items (late_from) where state = 'working';
create index items_soon on items (soon_at)   where state = 'working';

-- What the lists behind the numbers walk along (40 ms -> 1 ms at 300 000 items, for about a seventh of apply's speed).
create index items_unit_received on items (unit, received_at);
create index items_unit_closed   on items (unit, closed_at);

-- One row per change, never updated. It carries the version that ENDED (was_*), so that a version is
-- known during [was_learned_at, learned_at) and no row ever needs a second write.
create table transitions (
    learned_at  timestamptz not null,
    happened_at timestamptz not null,
    source      text        not null,
    code        text        not null,
    to_state    item_state,                  -- null: the source took the item back
    xid         xid8        not null default pg_current_xact_id(),
    was_learned_at timestamptz,              -- null: the item was new, and so are all was_*
    was_kind item_kind, was_unit int, was_field text, was_procedure text, was_step text, was_channel item_channel,
    was_state item_state, was_outgoing boolean, was_signed boolean, was_received_at timestamptz, was_appointed_at timestamptz,
    was_due_at timestamptz, was_soon_at timestamptz, was_early_before timestamptz, was_late_from timestamptz,
    was_closed_at timestamptz, was_pauses tstzmultirange, was_suspect text, was_happened_at timestamptz
);
select create_hypertable('transitions', 'learned_at', chunk_time_interval => interval '1 month', create_default_indexes => false);
create index transitions_xid  on transitions (xid);
create index transitions_item on transitions (source, code, learned_at);

-- Where the last read of a source ended. Its row is also the lock: one apply per source at a time.
create table cursors (
    source     text primary key references sources,
    position   text        not null,
    learned_at timestamptz not null          -- strictly increasing per source
);

-- Records that could not be read: pushed aside with the reason, never lost, never stopping the rest.
create table quarantine (
    source      text        not null references sources,
    raw_hash    text        not null,
    code        text,
    reason      text        not null,
    first_at    timestamptz not null,
    last_at     timestamptz not null,
    times       int         not null default 1,
    resolved_at timestamptz,                 -- the same code came well later
    primary key (source, raw_hash)
);
create index quarantine_open on quarantine (source, code) where resolved_at is null;

-- Totals a system only reports. A corrected figure is a new row.
create table figures (
    source      text not null references sources,
    unit        int  not null references units,
    name        text not null,
    period      text not null,
    value       double precision not null,
    measured_in text not null default '',
    learned_at  timestamptz not null,
    primary key (source, unit, name, period, learned_at)
);

-- The numbers as they were measured: one row an instant and unit, {"indicator.period": value}, zeros left out.
create table samples (
    at      timestamptz not null,
    unit    int         not null,
    numbers jsonb       not null,
    unique (unit, at)
);
select create_hypertable('samples', 'at', chunk_time_interval => interval '1 month', create_default_indexes => false);

-- The deadline rules in SQL, for asking with the comparison an item was not folded with (ioc/deadline.py is the same in Python;
-- a test holds the two against each other). `late_from` by instant is the next microsecond: late means strictly after.
create function early_before(appointed timestamptz, compare compare_rule, zone text) returns timestamptz language sql stable as $$
    select case compare when 'instant' then appointed else date_trunc('day', appointed, zone) end
$$;
create function late_from(appointed timestamptz, compare compare_rule, zone text) returns timestamptz language sql stable as $$
    select case compare when 'instant' then appointed + interval '1 microsecond'
                        else (date_trunc('day', appointed at time zone zone) + interval '1 day') at time zone zone end
$$;

-- What we believed at `instant`. Plain SQL, so the planner looks through it.
create function items_known_at(instant timestamptz) returns setof items language sql stable as $$
    select * from items where learned_at <= instant
    union all
    select source, code, was_kind, was_unit, was_field, was_procedure, was_step, was_channel, was_state, was_outgoing, was_signed,
           was_received_at, was_appointed_at, was_due_at, was_soon_at, was_early_before, was_late_from, was_closed_at, was_pauses,
           was_suspect, was_happened_at, was_learned_at
    from transitions where learned_at > instant and was_learned_at <= instant
$$;

-- What we believe NOW about `instant`: today's facts, with everything that happened later undone.
-- An item that was never received stays so; one that was closed or paused later was being worked on then.
create function items_true_at(instant timestamptz) returns setof items language sql stable as $$
    select source, code, kind, unit, field, procedure, step, channel,
           case when state in ('submitted', 'refused') then state
                when closed_at <= instant              then state
                when pauses @> instant                 then 'waiting'
                else                                        'working' end::item_state,
           outgoing, signed, received_at, appointed_at,
           case when closed_at <= instant or not coalesce(pauses @> instant, false) then appointed_at end,
           soon_at, early_before, late_from,
           case when closed_at <= instant then closed_at end,
           pauses, suspect, happened_at, learned_at
    from items where received_at <= instant
$$;
