"""Every declared number a second time, in other words and from other tables: SQL by hand over the chronicle (tests/chronicle.py).

Nothing here reads items, transitions, folded deadlines or a declared predicate. Days are compared as local dates, working time is counted
in half days of a week without holidays.
"""

from __future__ import annotations

# Working days since Monday 5/1/2026, with the share of the day that is over: 7:30-11:30 and 13:00-17:00 are eight hours.
WORKED = """
create function worked(moment timestamptz) returns numeric language sql immutable parallel safe as $$
    select (days / 7) * 5 + least(days % 7, 5)
         + case when days % 7 < 5 then (least(greatest(minutes - 450, 0), 240) + least(greatest(minutes - 780, 0), 240)) / 480.0 else 0 end
    from (select (moment at time zone 'Asia/Ho_Chi_Minh')::date - date '2026-01-05' as days,
                 (extract(epoch from (moment at time zone 'Asia/Ho_Chi_Minh')::time) / 60)::numeric as minutes) clock
$$"""

# early, on time or late: what finishing a thing due at `due` at `moment` means.
OUTCOME = """
create function outcome(moment timestamptz, due timestamptz, rule text) returns text language sql immutable parallel safe as $$
    select case when due is null then 'on time'
                when rule = 'instant' then case when moment < due then 'early' when moment = due then 'on time' else 'late' end
                when (moment at time zone 'Asia/Ho_Chi_Minh')::date < (due at time zone 'Asia/Ho_Chi_Minh')::date then 'early'
                when (moment at time zone 'Asia/Ho_Chi_Minh')::date = (due at time zone 'Asia/Ho_Chi_Minh')::date then 'on time'
                else 'late' end
$$"""

# What was told last of each item by %(known)s, looked at from %(at)s: where it stood then.
LOOK = """
with newest as (
    select distinct on (source, code) * from told where told_at <= %(known)s order by source, code, told_at desc
), looked as (
    select *, coalesce(%(rule)s::text, case source when 'by_date' then 'date' else 'instant' end) as rule,
           case when came > %(at)s or came is null then sent else came end as entered,
           case when came is null and ended <= %(at)s then 'turned away'
                when came is null or came > %(at)s then 'at the door'
                when ended <= %(at)s then case stage when 'withdrawn' then 'taken back' else 'finished' end
                when stopped <= %(at)s and (went_on is null or went_on > %(at)s) then 'stopped'
                else 'on the desk' end as place
    from newest where not gone and (came <= %(at)s or sent <= %(at)s)
), seen as (
    select *, place = 'on the desk' as desk, place in ('finished', 'taken back', 'stopped', 'on the desk') as taken,
           outcome(%(at)s, due, rule) as today, outcome(ended, due, rule) as verdict,
           entered >= %(since)s and entered < %(until)s as entered_in,
           place in ('finished', 'taken back') and ended >= %(since)s and ended < %(until)s as ended_in,
           sorry <= %(at)s as sorried,
           worked(%(at)s) - worked(case rule when 'instant' then due + interval '1 microsecond'
               else ((due at time zone 'Asia/Ho_Chi_Minh')::date + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh' end) as days_late
    from looked
)"""

DOSSIER = {
    "dossiers_received": "taken and entered_in",
    "dossiers_received_online": "taken and entered_in and way = 'online'",
    "dossiers_carried_over": "taken and came < %(since)s and not (place in ('finished', 'taken back') and ended < %(since)s)",
    "dossiers_resolved": "ended_in and place = 'finished'",
    "dossiers_early": "ended_in and place = 'finished' and verdict = 'early'",
    "dossiers_on_time": "ended_in and place = 'finished' and verdict = 'on time'",
    "dossiers_late": "ended_in and place = 'finished' and verdict = 'late'",
    "dossiers_returned": "ended_in and place = 'taken back'",
    "dossiers_excluded": "place in ('at the door', 'turned away') and entered_in",
    "dossiers_in_progress": "desk",
    "dossiers_within_time": "desk and today <> 'late'",
    "dossiers_overdue": "desk and today = 'late'",
    "dossiers_due_soon": "desk and due is not null and today <> 'late' and (worked(due) - worked(%(at)s) <= 1 or %(at)s >= due)",
    "dossiers_undated": "desk and due is null",
    "dossiers_waiting": "place = 'stopped'",
    "dossiers_rescheduled": "desk and first_due is not null",
    "dossiers_overdue_0_1": "desk and today = 'late' and days_late < 2",
    "dossiers_overdue_2_3": "desk and today = 'late' and days_late >= 2 and days_late < 4",
    "dossiers_overdue_4_7": "desk and today = 'late' and days_late >= 4 and days_late < 8",
    "dossiers_overdue_8_15": "desk and today = 'late' and days_late >= 8 and days_late < 16",
    "dossiers_overdue_16": "desk and today = 'late' and days_late >= 16",
    "dossiers_step_late": "desk and %(at)s >= step_due",
    "dossiers_step_late_in_time": "desk and %(at)s >= step_due and today <> 'late'",
    "dossiers_submitted": "place = 'at the door'",
    "dossiers_reception_overdue": "place = 'at the door' and worked(%(at)s) - worked(sent) >= 1",
    "dossiers_reception_late": "taken and entered_in and worked(came) - worked(sent) > 1",
    "apologies_owed": "desk and (today = 'late' or first_due < due) and not coalesce(sorried, false)",
    "apologies_sent": "sorried and sorry >= %(since)s and sorry < %(until)s",
    "apologies_late": "sorried and sorry >= %(since)s and sorry < %(until)s and worked(coalesce(first_due, due)) - worked(sorry) < 1",
    "dossiers_judged": "taken and entered_in and place <> 'taken back'",
    "dossiers_kept": "taken and entered_in and (place = 'finished' and verdict <> 'late' or place = 'stopped' or desk and today <> 'late')",
    "dossiers_with_fee": "taken and entered_in and traits && '{fee,paid_online}'",
    "dossiers_paid_online": "taken and entered_in and traits @> '{paid_online}'",
    "dossiers_digitised": "taken and entered_in and traits @> '{digitised}'",
    "dossiers_reused": "taken and entered_in and traits @> '{reused}'",
    "dossiers_electronic_result": "ended_in and place = 'finished' and traits @> '{electronic_result}'",
}
DOCUMENT = {
    "documents_in": "entered_in and not outgoing",
    "documents_out": "entered_in and outgoing",
    "documents_signed": "entered_in and outgoing and signed",
    "documents_open": "desk",
    "documents_urgent_open": "desk and urgent",
    "documents_overdue": "desk and today = 'late'",
    "documents_due_soon": DOSSIER["dossiers_due_soon"],
    "documents_done": "ended_in and place = 'finished' and not outgoing",
}
TASK = {
    "tasks_in_progress": "desk",
    "tasks_overdue": "desk and today = 'late'",
    "tasks_due_soon": DOSSIER["dossiers_due_soon"],
    "tasks_done": "ended_in and place = 'finished'",
    "tasks_done_on_time": "ended_in and place = 'finished' and verdict <> 'late'",
}
COUNTS = {
    **{name: f"kind = 'dossier' and {words}" for name, words in DOSSIER.items()},
    **{name: f"kind = 'document' and {words}" for name, words in DOCUMENT.items()},
    **{name: f"kind = 'task' and {words}" for name, words in TASK.items()},
    "mirrors_received": "kind = 'mirror' and taken and entered_in",
}
# part / whole, in the same words as the reports print them
RATES = {
    "online_rate": (["dossiers_received_online"], "dossiers_received"),
    "early_rate": (["dossiers_early"], "dossiers_resolved"),
    "on_time_rate": (["dossiers_on_time"], "dossiers_resolved"),
    "late_rate": (["dossiers_late"], "dossiers_resolved"),
    "early_and_on_time_rate": (["dossiers_early", "dossiers_on_time"], "dossiers_resolved"),
    "kept_rate": (["dossiers_kept"], "dossiers_judged"),
    "paid_online_rate": (["dossiers_paid_online"], "dossiers_with_fee"),
    "dossiers_digitised_rate": (["dossiers_digitised"], "dossiers_received"),
    "dossiers_reused_rate": (["dossiers_reused"], "dossiers_received"),
    "electronic_result_rate": (["dossiers_electronic_result"], "dossiers_resolved"),
    "tasks_on_time_rate": (["tasks_done_on_time"], "tasks_done"),
    "documents_signed_rate": (["documents_signed"], "documents_out"),
}
COUNT = f"{LOOK}\nselect unit, {', '.join(f'count(*) filter (where {words})' for words in COUNTS.values())} from seen group by unit"
