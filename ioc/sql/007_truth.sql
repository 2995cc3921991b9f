-- Numbers one can prove: every clock of an item and the calendar that set it, offices that change, published numbers held against ours.

alter table items
    add column submitted_at     timestamptz,                            -- sent in, where that was before the reception
    add column reception_due_at timestamptz,                            -- by when what was sent in must be received; null: nothing was
    add column apology_at       timestamptz,                            -- when the office said sorry
    add column apology_due_at   timestamptz,                            -- by when it must, should the deadline stated first not be kept
    add column waits_for        text,                                   -- see ioc/model.py Reason; null: it does not wait
    add column term             text,                                   -- "5 working_days": what the deadline was computed from; null: stated, or none
    add column counted_from     timestamptz,                            -- where the term was counted anew; null: from the reception
    add column handled_minutes  int,                                    -- working time from the reception to the closing, pauses taken out
    add column calendar         text,                                   -- the version of the calendar that set its clocks; not a fact of the item
    add column supplements      tstzmultirange;                         -- those of the pauses in which papers were missing: they may restart the term
create index items_step      on items (step_due_at)      where state = 'working';
create index items_reception on items (reception_due_at) where state = 'submitted';

alter table transitions
    add column was_submitted_at timestamptz, add column was_reception_due_at timestamptz, add column was_apology_at timestamptz,
    add column was_apology_due_at timestamptz, add column was_waits_for text, add column was_term text, add column was_counted_from timestamptz,
    add column was_handled_minutes int, add column was_calendar text, add column was_supplements tstzmultirange,
    add column refolded boolean not null default false;                 -- only the calendar changed: its source said nothing

create or replace function items_known_at(instant timestamptz) returns setof items language sql stable as $$
    select * from items where learned_at <= instant
    union all
    select source, code, was_kind, was_unit, was_field, was_procedure, was_step, was_channel, was_state, was_outgoing, was_signed,
           was_received_at, was_appointed_at, was_due_at, was_soon_at, was_early_before, was_late_from, was_closed_at, was_pauses,
           was_suspect, was_happened_at, was_learned_at, was_first_due_at, was_step_due_at, coalesce(was_urgency, 'normal'),
           coalesce(was_assigner, ''), was_progress, coalesce(was_traits, '{}'), was_submitted_at, was_reception_due_at, was_apology_at,
           was_apology_due_at, was_waits_for, was_term, was_counted_from, was_handled_minutes, was_calendar, was_supplements
    from transitions where learned_at > instant and was_learned_at <= instant
$$;

-- What was not received yet at `instant`, although it is now, was submitted then; so was what was refused only later.
create or replace function items_true_at(instant timestamptz) returns setof items language sql stable as $$
    select source, code, kind, unit, field, procedure, step, channel,
           case when state = 'refused' and closed_at > instant then 'submitted'
                when state in ('submitted', 'refused') then state
                when received_at > instant             then 'submitted'
                when closed_at <= instant              then state
                when pauses @> instant                 then 'waiting'
                else                                        'working' end::item_state,
           outgoing, signed, case when received_at > instant then submitted_at else received_at end, appointed_at,
           case when received_at <= instant and (closed_at <= instant or not coalesce(pauses @> instant, false)) then appointed_at end,
           soon_at, early_before, late_from,
           case when closed_at <= instant then closed_at end,
           pauses, suspect, happened_at, learned_at, first_due_at, step_due_at, urgency, assigner, progress, traits, submitted_at,
           reception_due_at, case when apology_at <= instant then apology_at end, apology_due_at,
           case when pauses @> instant then coalesce(waits_for, 'supplement') end, term, counted_from,
           case when closed_at <= instant then handled_minutes end, calendar, supplements
    from items where received_at <= instant or submitted_at <= instant
$$;

-- The same of what was known at `known` instead of what is known now: the wall's past with the knowledge of any day. A test holds the two
-- bodies to the same words.
create function items_true_at(instant timestamptz, known timestamptz) returns setof items language sql stable as $$
    select source, code, kind, unit, field, procedure, step, channel,
           case when state = 'refused' and closed_at > instant then 'submitted'
                when state in ('submitted', 'refused') then state
                when received_at > instant             then 'submitted'
                when closed_at <= instant              then state
                when pauses @> instant                 then 'waiting'
                else                                        'working' end::item_state,
           outgoing, signed, case when received_at > instant then submitted_at else received_at end, appointed_at,
           case when received_at <= instant and (closed_at <= instant or not coalesce(pauses @> instant, false)) then appointed_at end,
           soon_at, early_before, late_from,
           case when closed_at <= instant then closed_at end,
           pauses, suspect, happened_at, learned_at, first_due_at, step_due_at, urgency, assigner, progress, traits, submitted_at,
           reception_due_at, case when apology_at <= instant then apology_at end, apology_due_at,
           case when pauses @> instant then coalesce(waits_for, 'supplement') end, term, counted_from,
           case when closed_at <= instant then handled_minutes end, calendar, supplements
    from items_known_at(known) where received_at <= instant or submitted_at <= instant
$$;

-- What was stored as a snapshot saw it: neither an apply under way then nor a clock of ours makes a difference. What a number on a screen
-- was counted from, to the item; a snapshot means nothing in another database, nor in one that was restored.
create function items_seen(seen pg_snapshot) returns setof items language sql stable as $$
    with touched as (  -- offset: found by xid, and then sorted; never by walking all of history in the wanted order
        select distinct on (source, code) * from (
            select * from transitions where xid >= pg_snapshot_xmin(seen) and not pg_visible_in_snapshot(xid, seen) offset 0
        ) since order by source, code, learned_at
    )
    select i.* from items i where not exists (select from touched t where t.source = i.source and t.code = i.code)
    union all
    select source, code, was_kind, was_unit, was_field, was_procedure, was_step, was_channel, was_state, was_outgoing, was_signed,
           was_received_at, was_appointed_at, was_due_at, was_soon_at, was_early_before, was_late_from, was_closed_at, was_pauses,
           was_suspect, was_happened_at, was_learned_at, was_first_due_at, was_step_due_at, coalesce(was_urgency, 'normal'),
           coalesce(was_assigner, ''), was_progress, coalesce(was_traits, '{}'), was_submitted_at, was_reception_due_at, was_apology_at,
           was_apology_due_at, was_waits_for, was_term, was_counted_from, was_handled_minutes, was_calendar, was_supplements
    from touched where was_learned_at is not null
$$;

-- Every calendar that ever set a clock, with its rules, so that an old verdict can be read and understood.
create table calendars (
    version text        primary key,
    rules   jsonb       not null,                                       -- see ioc/calendars.py
    made_at timestamptz not null
);

-- Which one was in force from when on; the newest is. `moved`: how many items' clocks its coming moved.
create table calendar_changes (
    at      timestamptz primary key,
    version text        not null references calendars,
    note    text        not null default '',
    moved   int         not null default 0
);

-- Offices as they were: one row for each stretch in which a unit had another name, level or parent than it has now (units.valid_* bound its life).
create table unit_versions (
    unit       int        not null references units,
    valid_from date,                                                    -- null: since ever
    valid_to   date       not null,
    name       text       not null,
    short      text       not null default '',
    level      unit_level not null,
    parent     int        references units,
    unique (unit, valid_to)
);

-- Who took over a unit's business.
create table unit_successors (
    unit      int not null references units,
    successor int not null references units,
    primary key (unit, successor)
);
insert into unit_successors select id, successor from units where successor is not null;
alter table units drop column successor,
    add column listed boolean not null default true;                    -- by a catalogue; else a mapping brought it along
update units set listed = false where name = code;

-- Every catalogue of units that changed something, the newest of which the running servers look for.
create table unit_changes (
    at      timestamptz primary key,
    digest  text        not null,                                       -- of the whole catalogue
    note    text        not null default '',
    changes jsonb       not null                                        -- see ioc/unit_changes.py
);

-- Samples are each unit's own numbers from now on, not rolled up by the tree, so that a tree that changes leaves them true; unit 0 is all
-- units together. A row holds what changed since the one before it, `whole` ones (each half hour) everything, zeros left out.
alter table samples
    add column whole      boolean not null default true,
    add column counted_at timestamptz;                                  -- counted then from history; null: measured at the time
insert into samples (at, unit, numbers) select s.at, 0, s.numbers from samples s join units u on u.id = s.unit where u.parent is null;
update samples s set numbers = coalesce((
    select jsonb_object_agg(name, own) from (
        select key as name, value::bigint - coalesce((select sum((below.numbers ->> key)::bigint) from samples below
            join units u on u.id = below.unit where u.parent = s.unit and below.at = s.at), 0) as own
        from jsonb_each_text(s.numbers)) numbers where own <> 0), '{}')
where unit <> 0;
select set_chunk_time_interval('samples', interval '7 days');           -- docs/history.md says why

-- The numbers at the end of each local day, kept for ever (samples are kept for a year and a month).
create table daily_samples (
    day        date  not null,
    unit       int   not null,                                          -- 0: all together
    numbers    jsonb not null,
    counted_at timestamptz,                                             -- as in samples
    primary key (unit, day)
);

-- Numbers somebody published, to be held against ours (ioc/reconcile). `level`: of all units of that level together.
create table published (
    id           bigint generated always as identity primary key,
    set_name     text             not null,                             -- the sheet, feed or article it is from
    unit         text             not null,                             -- as published; a code or name
    level        text             not null default '',
    period       text             not null,
    figure       text             not null,
    value        double precision not null,
    measured_in  text             not null default '',
    detail       jsonb            not null default '{}',                -- rank, of, target, parts, as published
    cut_off      timestamptz,                                           -- the instant the publisher counted at; null: the period's end
    learned_at   timestamptz      not null
);
create index published_figure on published (set_name, figure, period, unit, level, learned_at);

-- Which dossiers a publisher counted, where it tells: what a difference is explained with.
create table published_codes (
    published bigint not null references published,
    code      text   not null,
    primary key (published, code)
);
