"""The faults that some test must notice: one entry each, grouped by what would go wrong.

To add one, say what the house would do, the text to replace and what by, and the tests that must notice; then
`python -m tests.mutants <word of it>`. If it lives, write the test that is missing.
"""

from __future__ import annotations

from tests.mutants.trial import Mutant

TRANSITIONS = "monitor/rules/transitions.py"
SCHEDULE = "monitor/rules/schedule.py"
GUARDS = "monitor/rules/guards.py"
TIMETABLE = "monitor/watch/timetable.py"
DRAWS = "monitor/store/record/draws.py"
DELIVERIES = "monitor/store/alerts/deliveries.py"
OUTBOX = "monitor/store/alerts/outbox.py"
PLANNER = "monitor/alerts/decide/planner.py"
PERIOD = "monitor/figures/period.py"
SHARES = "monitor/figures/shares.py"
CONTROLS = "monitor/figures/controls.py"
EXPORTER = "monitor/metrics/collector.py"
GUARD = "probes/sessions/guard.py"
PACE = "probes/sessions/pace.py"

FOUND_BY_HAND = (
    Mutant(
        does="keeps the milestone when slots return: the second drought's mails never leave",
        file=TRANSITIONS,
        right="return replace(after, drought=None, milestone=0), made",
        wrong="return replace(after, drought=None), made",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="lets a second mailer claim a delivery that is leased",
        file=DELIVERIES,
        right="deliveries.c.due_at <= now, free)",
        wrong="deliveries.c.due_at <= now)",
        tests="tests/alerts/test_deliveries.py",
    ),
    Mutant(
        does="keeps the deliveries of an address that was erased",
        file="monitor/store/alerts/subscriptions.py",
        right="    conn.execute(delete(deliveries).where(deliveries.c.recipient.in_(numbers)))\n",
        wrong="",
        tests="tests/alerts/test_deliveries.py",
    ),
    Mutant(
        does="makes no pause between two mails to the operator",
        file=PLANNER,
        right="if form == WEBHOOK:\n            return False",
        wrong="if form in (WEBHOOK, OPERATOR):\n            return False",
        tests="tests/alerts/test_planner.py",
    ),
    Mutant(
        does="shows a figure when 70 % of its days were watched",
        file=GUARDS,
        right="DRAWN_DAYS = 0.80",
        wrong="DRAWN_DAYS = 0.70",
        tests="tests/figures/test_period.py",
    ),
    Mutant(
        does="compares before and after although many of a window's days were not watched",
        file=CONTROLS,
        right="guard_days(period.rows, (period.last - period.first).days + 1) or share(period.counts)",
        wrong="share(period.counts)",
        tests="tests/figures/test_pairs.py",
    ),
    Mutant(
        does="loses an instant that is drawn exactly at midnight",
        file=SCHEDULE,
        right="if since <= drawn < until:",
        wrong="if since < drawn < until:",
        tests="tests/schedule/test_schedule.py",
    ),
)

FALSE_ZEROS = (
    Mutant(
        does="takes the classic module's sentence for an answer on any step",
        file="probes/platforms/classic.py",
        right="if step == 2 and page.has(ANSWER) and not",
        wrong="if step is not None and page.has(ANSWER) and not",
        tests="tests/platforms/test_classic.py",
    ),
    Mutant(
        does="calls a procedure empty although a page of the round was not sound",
        file="probes/platforms/classic.py",
        right="reading = signals.first_unsound(pages) or unread or reading",
        wrong="reading = unread or reading",
        tests="tests/platforms/test_classic.py",
    ),
    Mutant(
        does="calls a procedure empty although a list of desks was cut",
        file="probes/platforms/classic.py",
        right="reading = signals.first_unsound(pages) or unread or reading",
        wrong="reading = signals.first_unsound(pages) or reading",
        tests="tests/platforms/test_pages.py",
    ),
    Mutant(
        does="calls a procedure empty when one of its desks gave no answer",
        file="probes/pages/combine.py",
        right="    elif unsure:",
        wrong="    elif len(unsure) == len(readings):",
        tests="tests/platforms/test_combine.py",
    ),
    Mutant(
        does="takes an alert that eSirius puts up on arrival for its answer",
        file="probes/platforms/esirius.py",
        right='sent = page.step.method == "POST" and page.has(MOTIVES)',
        wrong="sent = page.has(MOTIVES)",
        tests="tests/platforms/test_esirius.py",
    ),
    Mutant(
        does="takes one of two eSirius alerts for the answer",
        file="probes/platforms/esirius.py",
        right="if sent and len(said) == 1 and NONE",
        wrong="if sent and said and NONE",
        tests="tests/platforms/test_esirius.py",
    ),
    Mutant(
        does="takes any alert of eSirius for its answer",
        file="probes/platforms/esirius.py",
        right=" and NONE.fullmatch(normalise(said[0])):",
        wrong=":",
        tests="tests/platforms/test_esirius.py",
    ),
    Mutant(
        does="believes Orion's empty list beside an error",
        file="probes/platforms/orion.py",
        right="if not isinstance(days, list) or any(dig(answer, key) for key in ERROR_KEYS):",
        wrong="if not isinstance(days, list):",
        tests="tests/platforms/test_pages.py",
    ),
    Mutant(
        does="takes RDV Service Public's sentence for an answer before a motif is chosen",
        file="probes/platforms/rdv_service_public.py",
        right="    if said and not motif:",
        wrong="    if said and not motif and not place:",
        tests="tests/platforms/test_rdv_service_public.py",
    ),
    Mutant(
        does="takes the folded days of a telephone for a whole calendar without slots",
        file="probes/platforms/rdv_prefecture.py",
        right="not (later or choices or page.has(FOLDED))",
        wrong="not (later or choices)",
        tests="tests/platforms/test_pages.py",
    ),
    Mutant(
        does="reads the page of another procedure as the target's own",
        file="probes/pages/signals.py",
        right="if not reading.outcome.conclusive or expected in",
        wrong="if reading.outcome or expected in",
        tests="tests/platforms/test_pages.py",
    ),
    Mutant(
        does="reads words that the page hides with opacity",
        file="probes/pages/stylesheet.py",
        right='_is_zero(style.get("opacity")) or',
        wrong="",
        tests="tests/platforms/test_stylesheet.py",
    ),
    Mutant(
        does="reads a page from another host than was asked",
        file="probes/pages/signals.py",
        right="if host and _bare(host) != asked and not",
        wrong="if not host and _bare(host) != asked and not",
        tests="tests/platforms/test_signals.py",
    ),
    Mutant(
        does="calls the first slot's own day the second date",
        file="probes/pages/dates.py",
        right="if each.day(tz) > day), None)",
        wrong="if each.day(tz) >= day and each != ordered[0]), None)",
        tests="tests/platforms/test_french_dates.py",
    ),
)

STOP_LINE = (
    Mutant(
        does="lets a walk climb out of its pages with dot segments",
        file=GUARD,
        right="return not _evasive(url) and any(",
        wrong="return any(",
        tests="tests/sessions/test_guard.py",
    ),
    Mutant(
        does="lets a letter in disguise past the stop line",
        file=GUARD,
        right="hidden = _UNSAFE.search(url) or _ENCODED_LETTER.search(url)",
        wrong="hidden = _UNSAFE.search(url)",
        tests="tests/platforms/test_stop_lines.py",
    ),
    Mutant(
        does="submits the classic form on the calendar, where it goes on to a slot",
        file="probes/platforms/classic.py",
        right='on=rf"{_BASE}(?:/[01]?)?",',
        wrong='on=rf"{_BASE}(?:/[0-4]?)?",',
        tests="tests/platforms/test_stop_lines.py",
    ),
    Mutant(
        does="submits a form over HTTP on a page where it is not listed",
        file="probes/sessions/http/session.py",
        right="            self.check_form(selector, page.final_url)\n",
        wrong="",
        tests="tests/sessions/test_contract.py",
    ),
    Mutant(
        does="lets a walk press any button of a declared form",
        file=GUARD,
        right="if button is not None and button not in form.buttons:",
        wrong="if button is not None and not form.buttons:",
        tests="tests/sessions/test_guard.py",
    ),
    Mutant(
        does="lets a walk type what only begins like a declared value",
        file=GUARD,
        right="if not any(re.fullmatch(values, value) for values in allowed):",
        wrong="if not any(re.match(values, value) for values in allowed):",
        tests="tests/sessions/test_guard.py",
    ),
    Mutant(
        does="lets a call carry fields that nobody declared",
        file=GUARD,
        right="if name not in allowed or not re.fullmatch(",
        wrong="if name in allowed and not re.fullmatch(",
        tests="tests/sessions/test_guard.py",
    ),
    Mutant(
        does="follows a host over plain http",
        file=GUARD,
        right='if parts.scheme != "https":',
        wrong='if parts.scheme not in ("http", "https"):',
        tests="tests/sessions/test_guard.py",
    ),
    Mutant(
        does="lets the classic walk go to the step that takes a slot up",
        file="probes/platforms/classic.py",
        right='paths=(rf"{_BASE}(?:/[0-4]?)?", _CALL.pattern),',
        wrong='paths=(rf"{_BASE}(?:/[0-5]?)?(?:/[0-9]+)?", _CALL.pattern),',
        tests="tests/platforms/test_stop_lines.py",
    ),
    Mutant(
        does="lets the RDV-Préfecture walk go past the CAPTCHA",
        file="probes/platforms/rdv_prefecture.py",
        right="(?:/(?:cgu/?)?)?",
        wrong="(?:/(?:(?:cgu|creneau)/?)?)?",
        tests="tests/platforms/test_stop_lines.py",
    ),
    Mutant(
        does="opens the prescribers' pages of RDV Service Public",
        file="probes/platforms/rdv_service_public.py",
        right='_QUERY = r"(?:\\?(?!.*prescri).*)?"',
        wrong='_QUERY = r"(?:\\?.*)?"',
        tests="tests/platforms/test_stop_lines.py",
    ),
    Mutant(
        does="names a person in the question put to Orion",
        file="probes/platforms/orion.py",
        right='Field(name="usagerUid", values="null"),',
        wrong='Field(name="usagerUid", values=r\'null|"\\w+"\'),',
        tests="tests/platforms/test_stop_lines.py",
    ),
)

FALSE_NEWS = (
    Mutant(
        does="confirms a zero by one that was recorded late",
        file=TRANSITIONS,
        right="if state.conclusive_at and fact.at <= state.conclusive_at:",
        wrong="if state.conclusive_at and fact.at == state.conclusive_at:",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="confirms a zero by a person's visits",
        file=TRANSITIONS,
        right="if not fact.scheduled and fact.outcome is not Outcome.SLOTS_OFFERED:",
        wrong="if not fact.scheduled and not fact.outcome.conclusive:",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="confirms a zero within one local day",
        file=TRANSITIONS,
        right=" and drought.days >= rules.days",
        wrong="",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="marks a milestone although most visits gave no answer",
        file=GUARDS,
        right=" and drought.exploitable >= conclusive",
        wrong="",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="marks a milestone over weeks in which nobody looked",
        file=GUARDS,
        right="min(drought.coverage, drought.watched) >= coverage",
        wrong="drought.coverage >= coverage",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="counts against a drought what was missed before it",
        file=TRANSITIONS,
        right="if state.drought and fact.at >= state.drought.since:",
        wrong="if state.drought:",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="calls a weekly release unstable",
        file=TRANSITIONS,
        right="return enough and fact.at - state.changes[0] <= rules.flap_window",
        wrong="return enough",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="mails today what happened days ago",
        file="monitor/alerts/decide/fold.py",
        right="if made.news and now - made.at <= OLD:",
        wrong="if made.news:",
        tests="tests/alerts/test_planner.py",
    ),
    Mutant(
        does="tells the public of slots before the embargo is over",
        file="monitor/alerts/decide/audience.py",
        right="            return self.embargo\n",
        wrong="            return timedelta(0)\n",
        tests="tests/alerts/test_audience.py",
    ),
    Mutant(
        does="mails a drought that has ended",
        file=OUTBOX,
        right="and_(after, or_(ended, heard))",
        wrong="and_(after, heard)",
        tests="tests/alerts/test_planner.py",
    ),
    Mutant(
        does="mails a suspected zero before the operator has looked",
        file=PLANNER,
        right="self._make(conn, form, recipient, doubtful, now, held=True)",
        wrong="self._make(conn, form, recipient, doubtful, now)",
        tests="tests/alerts/test_planner.py",
    ),
    Mutant(
        does="sends one mail more than the cap before a person looks",
        file=PLANNER,
        right=">= self.alerts.recipient_cap",
        wrong="> self.alerts.recipient_cap",
        tests="tests/alerts/test_planner.py",
    ),
    Mutant(
        does="writes to an address that nobody has confirmed",
        file="monitor/store/alerts/subscriptions.py",
        right="    wanted = select(subscriptions).where(subscriptions.c.confirmed_at.is_not(None))\n",
        wrong="    wanted = select(subscriptions)\n",
        tests="tests/alerts/test_pages_alerts.py",
    ),
    Mutant(
        does="mails the same trouble each time it comes back",
        file="monitor/store/alerts/incidents.py",
        right="() if _told_since(conn, one, now - quiet) else operators",
        wrong="operators",
        tests="tests/alerts/test_deliveries.py",
    ),
)

LOST_MAILS = (
    Mutant(
        does="lets a mailer whose lease has expired settle what another one now holds",
        file=DELIVERIES,
        right="mine = and_(deliveries.c.id == taken.id, deliveries.c.lease == taken.lease)",
        wrong="mine = deliveries.c.id == taken.id",
        tests="tests/alerts/test_deliveries.py",
    ),
    Mutant(
        does="never takes up again what a mailer died with",
        file=DELIVERIES,
        right="free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)",
        wrong="free = deliveries.c.leased_until.is_(None)",
        tests="tests/alerts/test_deliveries.py",
    ),
    Mutant(
        does="counts against a mail that the server took none at all",
        file=DELIVERIES,
        right="due_at=until, attempts=taken.attempts - 1, error=error",
        wrong="due_at=until, error=error",
        tests="tests/alerts/test_deliveries.py",
    ),
    Mutant(
        does="tries a mail again for ever instead of setting it aside",
        file=DELIVERIES,
        right="if taken.attempts >= MOST_ATTEMPTS:",
        wrong="if taken.attempts > MOST_ATTEMPTS:",
        tests="tests/alerts/test_deliveries.py",
    ),
)

LOST_INSTANTS = (
    Mutant(
        does="loses the last interval of every day",
        file=SCHEDULE,
        right="interval_number(until, interval) + 1):",
        wrong="interval_number(until, interval) - 1):",
        tests="tests/schedule/test_schedule.py",
    ),
    Mutant(
        does="draws instants that had gone by when the target was new",
        file=SCHEDULE,
        right='start = midnight if since is None else max(midnight, utc(since, "since"))',
        wrong="start = midnight",
        tests="tests/schedule/test_schedule.py",
    ),
    Mutant(
        does="hides the morning before a late restart",
        file=TIMETABLE,
        right="since=None if over or name in watched else now,",
        wrong="since=None if over else now,",
        tests="tests/schedule/test_timetable.py",
    ),
    Mutant(
        does="turns a visit under way into a gap",
        file=TIMETABLE,
        right="if self._ours(instant) and (target, instant) not in in_flight:",
        wrong="if self._ours(instant):",
        tests="tests/schedule/test_timetable.py",
    ),
    Mutant(
        does="makes gaps of instants that another writer accounts for",
        file=TIMETABLE,
        right="return self._origin is None or instant >= self._origin",
        wrong="return True",
        tests="tests/schedule/test_timetable.py",
    ),
    Mutant(
        does="never looks again at a closed day for which a draw is committed",
        file=DRAWS,
        right="if mark is not None and first < mark:",
        wrong="if mark is None:",
        tests="tests/store/test_draws_kept.py",
    ),
    Mutant(
        does="closes a day that is not over",
        file="monitor/store/record/store.py",
        right="and day < until.date() and self._close(day)",
        wrong="and self._close(day)",
        tests="tests/store/test_draws_kept.py",
    ),
)

FALSE_FIGURES = (
    Mutant(
        does="shows a figure over a coverage of 75 %",
        file=GUARDS,
        right="\nCOVERAGE = 0.80",
        wrong="\nCOVERAGE = 0.75",
        tests="tests/figures/test_period.py",
    ),
    Mutant(
        does="shows a figure over 55 % of conclusive attempts",
        file=GUARDS,
        right="\nCONCLUSIVE = 0.60",
        wrong="\nCONCLUSIVE = 0.55",
        tests="tests/figures/test_period.py",
    ),
    Mutant(
        does="counts simulated rows in a real figure",
        file=PERIOD,
        right="if a.origin in origins and a.simulated == simulated]",
        wrong="if a.origin in origins]",
        tests="tests/figures/test_period.py",
    ),
    Mutant(
        does="bounds a period by visits that nobody drew",
        file=SHARES,
        right="if period.origins != DRAWN:",
        wrong="if not period.origins:",
        tests="tests/figures/test_shares.py",
    ),
    Mutant(
        does="bounds a period over which the interval changed",
        file=SHARES,
        right='if period.rows["interval"].n_unique() > 1:',
        wrong='if record.rows["interval"].n_unique() > 2:',
        tests="tests/figures/test_shares.py",
    ),
    Mutant(
        does="supposes nothing of the attempts that gave no answer",
        file=SHARES,
        right="worst=(z / (n + missing), (z + missing) / (n + missing)),",
        wrong="worst=(z / n, z / n),",
        tests="tests/figures/test_shares.py",
    ),
    Mutant(
        does="prints a one-sided interval as the 95 % one",
        file=SHARES,
        right="high=float(betaincinv(z + 1, n - z, 1 - MISS / 2))",
        wrong="high=float(betaincinv(z + 1, n - z, 1 - MISS))",
        tests="tests/figures/test_shares.py",
    ),
    Mutant(
        does="lays our own cut network to three sites",
        file=SHARES,
        right='.over("hour") >= ours)',
        wrong='.over("hour") > ours)',
        tests="tests/figures/test_shares.py",
    ),
    Mutant(
        does="extends a drought over time that nothing vouches for",
        file="monitor/figures/runs.py",
        right="cuts = [i for i in range(1, len(run)) if _silence(run[i - 1], run[i])]",
        wrong="cuts: list[int] = []",
        tests="tests/figures/test_runs.py",
    ),
    Mutant(
        does="pairs one visit of the control with two of the target",
        file=CONTROLS,
        right='.unique("other", keep="first", maintain_order=True)',
        wrong="",
        tests="tests/figures/test_pairs.py",
    ),
    Mutant(
        does="leaves zeros out of the gap to the earliest date",
        file="monitor/figures/delays.py",
        right="np.full(zeros, np.inf)",
        wrong="np.full(0, np.inf)",
        tests="tests/figures/test_delays.py",
    ),
)

FALSE_METRICS = (
    Mutant(
        does="exports the outcome of a target that nobody looks at any more",
        file=EXPORTER,
        right="return interval is not None and now - at <= STALE_AFTER * interval",
        wrong="return interval is not None",
        tests="tests/metrics/test_exporter.py",
    ),
    Mutant(
        does="exports an old zero behind days of CAPTCHAs",
        file=EXPORTER,
        right="if s.conclusive_at and self._fresh(s, s.conclusive_at, snapshot.now)]",
        wrong="if s.conclusive_at]",
        tests="tests/metrics/test_exporter.py",
    ),
    Mutant(
        does="exports slots that cannot be counted as none",
        file=EXPORTER,
        right="        elif standing.slots is not None:\n            slots.add_metric(name, standing.slots)",
        wrong="        else:\n            slots.add_metric(name, standing.slots or 0)",
        tests="tests/metrics/test_exporter.py",
    ),
    Mutant(
        does="counts a person's visits among the drawn ones",
        file=EXPORTER,
        right="        if count.origin is not Origin.SCHEDULED:\n            continue\n",
        wrong="",
        tests="tests/metrics/test_exporter.py",
    ),
    Mutant(
        does="exports a breaker as open after its pause",
        file=EXPORTER,
        right="paused = state.open_until is not None and snapshot.now < state.open_until",
        wrong="paused = state.open_until is not None",
        tests="tests/metrics/test_exporter.py",
    ),
    Mutant(
        does="exports what a control said long ago",
        file="monitor/metrics/reviews.py",
        right="if name in intervals and now - at <= STALE_AFTER * intervals[name]",
        wrong="if name in intervals",
        tests="tests/metrics/test_review_metrics.py",
    ),
)

LOST_ROWS = (
    Mutant(
        does="mixes simulated rows with a real target's",
        file="monitor/store/record/writing.py",
        right="if simulated not in (None, thing.simulated):",
        wrong="if simulated not in (None, True, False):",
        tests="tests/store/test_appending.py",
    ),
    Mutant(
        does="dates a row by the day of Greenwich",
        file="monitor/store/record/writing.py",
        right="day = at.astimezone(target.zone).date()",
        wrong="day = at.date()",
        tests="tests/store/test_appending.py",
    ),
    Mutant(
        does="gives back a body that is not what was recorded",
        file="monitor/store/captures/blobs.py",
        right="    if digest(body) != sha256:\n",
        wrong="    if not body and digest(body) != sha256:\n",
        tests="tests/store/test_blobs.py",
    ),
    Mutant(
        does="records a body that did not survive its compression",
        file="monitor/store/captures/blobs.py",
        right="if decompress(data, len(body), dictionary) != body:",
        wrong="if not data:",
        tests="tests/store/test_blobs.py",
    ),
    Mutant(
        does="lets history that is recorded late pass for the latest",
        file="monitor/store/record/projections.py",
        right='if row[f"{name}_id"] is None or (row[f"{name}_at"], row[f"{name}_id"]) < (at, entry):',
        wrong='if row[f"{name}_id"] is None or row[f"{name}_id"] < entry:',
        tests="tests/store/test_projections.py",
    ),
    Mutant(
        does="counts in a run the zeros before the last slot",
        file="monitor/store/record/projections.py",
        right='if outcome is Outcome.NO_SLOTS and (row["slots_at"] is None or row["slots_at"] < at):',
        wrong="if outcome is Outcome.NO_SLOTS:",
        tests="tests/store/test_projections.py",
    ),
    Mutant(
        does="replaces a day's draw by a later one",
        file=DRAWS,
        right="        wanted.pop(key, None)\n",
        wrong="        conn.execute(draws.delete().where(draws.c.day == key[0], draws.c.target == key[1]))\n",
        tests="tests/store/test_draws_kept.py",
    ),
    Mutant(
        does="lets a row of the record be deleted",
        file="monitor/store/database/triggers.py",
        right='    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"\n',
        wrong="",
        tests="tests/store/test_append_only.py",
    ),
    Mutant(
        does="goes by the oldest of the later readings",
        file="monitor/store/record/in_force.py",
        right="newer.c.id > again.c.id)",
        wrong="newer.c.id < again.c.id)",
        tests="tests/review/test_reclassify.py",
    ),
    Mutant(
        does="names a picture before it is on the disk",
        file="monitor/files.py",
        right="            os.fsync(file.fileno())\n        yield draft\n",
        wrong="        yield draft\n",
        tests="tests/store/test_files.py",
    ),
    Mutant(
        does="gives back a picture that was changed",
        file="monitor/store/captures/media.py",
        right="        if hashlib.sha256(picture).hexdigest() != sha256:\n",
        wrong="        if not picture:\n",
        tests="tests/store/test_captures.py",
    ),
    Mutant(
        does="obeys the first turn of a kill switch for ever",
        file="monitor/store/record/switches.py",
        right="last = select(func.max(switches.c.id))",
        wrong="last = select(func.min(switches.c.id))",
        tests="tests/store/test_pacing_kept.py",
    ),
)

RUDE = (
    Mutant(
        does="opens a new budget when the clock is set back over midnight",
        file=PACE,
        right="return state.pages if state.day is not None and state.day >= now.date() else 0",
        wrong="return state.pages if state.day is not None and state.day == now.date() else 0",
        tests="tests/sessions/test_pace.py",
    ),
    Mutant(
        does="goes on after a site asked to be left alone",
        file=PACE,
        right="        refusals = max(refusals, policy.refusals)\n",
        wrong="        refusals = max(refusals, 1)\n",
        tests="tests/sessions/test_pace.py",
    ),
    Mutant(
        does="forgets the spacing when it restarts",
        file=PACE,
        right="            if last is None:\n",
        wrong="            if last:\n",
        tests="tests/sessions/test_pace.py",
    ),
    Mutant(
        does="leaves a host busy for ever after a wait that was cancelled",
        file=PACE,
        right="            if not acquiring.cancel():\n                lock.release()\n",
        wrong="            acquiring.cancel()\n",
        tests="tests/sessions/test_pace.py",
    ),
    Mutant(
        does="does not stop a visit under way that was switched off",
        file=PACE,
        right="        while True:\n            await self._refuse_if_off(host, platform)\n",
        wrong="        while True:\n",
        tests="tests/sessions/test_pace.py",
    ),
    Mutant(
        does="never doubles the pause after a refusal",
        file=PACE,
        right="return min(policy.first_pause * (1 << doublings), policy.longest_pause)",
        wrong="return min(policy.first_pause, policy.longest_pause)",
        tests="tests/sessions/test_pace.py",
    ),
)

OVERLOOKED = (
    Mutant(
        does="never tells the breaker that a site refuses us",
        file="monitor/watch/observe.py",
        right="refused=reading.outcome in REFUSALS",
        wrong="refused=reading.failure in REFUSALS",
        tests="tests/service/test_controls.py",
    ),
    Mutant(
        does="mails the milestone of a zero that perhaps only robots see",
        file=PLANNER,
        right="made.change in (Change.ZERO, Change.MILESTONE) and",
        wrong="made.change in (Change.ZERO,) and",
        tests="tests/alerts/test_planner.py",
    ),
    Mutant(
        does="tells of a recovery from a trouble that was seen once",
        file=TRANSITIONS,
        right="if repeated and repeated.confirmed else ()",
        wrong="if repeated else ()",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="counts the visits at its edges as part of a drought",
        file="monitor/figures/runs.py",
        right="stretch[-1].began - stretch[0].ended",
        wrong="stretch[-1].ended - stretch[0].began",
        tests="tests/figures/test_runs.py",
    ),
    Mutant(
        does="keeps a pause after a mail that was never sent",
        file=DELIVERIES,
        right="latest = select(deliveries.c.created_at).where(made, deliveries.c.status != Status.DROPPED)",
        wrong="latest = select(deliveries.c.created_at).where(made)",
        tests="tests/alerts/test_deliveries.py",
    ),
    Mutant(
        does="counts mails that are held back against the cap",
        file=DELIVERIES,
        right="deliveries.c.form.in_(forms), deliveries.c.status != Status.HELD",
        wrong="deliveries.c.form.in_(forms)",
        tests="tests/alerts/test_deliveries.py",
    ),
    Mutant(
        does="gives a released mail no new attempts",
        file=DELIVERIES,
        right='"due_at": now, "attempts": 0, "error": None',
        wrong='"due_at": now, "error": None',
        tests="tests/alerts/test_deliveries.py",
    ),
    Mutant(
        does="dates stuck mails by the newest of them",
        file=PLANNER,
        right="oldest = stuck[-1]",
        wrong="oldest = stuck[0]",
        tests="tests/alerts/test_planner.py",
    ),
    Mutant(
        does="exports yesterday's pages as today's",
        file=EXPORTER,
        right="pages.add_metric([host], pages_today(state, snapshot.now))",
        wrong="pages.add_metric([host], state.pages)",
        tests="tests/metrics/test_exporter.py",
    ),
    Mutant(
        does="leaves the last day of the other démarches out of a bundle",
        file="monitor/evidence/bundle/gather.py",
        right="since=first, until=last + DAY)",
        wrong="since=first, until=last)",
        tests="tests/evidence/test_statement.py",
    ),
    Mutant(
        does="skips a week of the calendar after the first slot",
        file="probes/platforms/classic.py",
        right="days // 7 * 7 + 7)",
        wrong="days // 7 * 7 + 14)",
        tests="tests/platforms/test_walks.py",
    ),
    Mutant(
        does="takes the date in figures for the first one of a text",
        file="probes/pages/dates.py",
        right="if (match := form.search(plain))), key=re.Match.start)",
        wrong="if (match := form.search(plain))), key=lambda match: 0)",
        tests="tests/platforms/test_french_dates.py",
    ),
    Mutant(
        does="accepts a control of a namesake in another département",
        file="monitor/targets/catalogue.py",
        right="elif prefectures[row.control] != (row.departement, row.prefecture):",
        wrong="elif prefectures[row.control][1] != row.prefecture:",
        tests="tests/config/test_catalogue.py",
    ),
    Mutant(
        does="promises more rows where there are none",
        file="monitor/web/listing.py",
        right="more=len(rows) > most,",
        wrong="more=len(rows) >= most,",
        tests="tests/web/test_guichet_page.py",
    ),
)

LOST_EVIDENCE = (
    Mutant(
        does="thins out pictures while a hold covers no visit",
        file="monitor/evidence/thinning.py",
        right="    _refuse_idle(held)\n",
        wrong="",
        tests="tests/evidence/test_thinning.py",
    ),
    Mutant(
        does="takes a copy of a seal for a seal",
        file="monitor/evidence/journal/names.py",
        right="found = _SEAL.fullmatch(name)",
        wrong='found = re.match(r"SEAL-(.{10})", name)',
        tests="tests/evidence/test_seal.py",
    ),
    Mutant(
        does="lets a fault of ours end the sealing",
        file="monitor/evidence/journal/rounds.py",
        right="except Exception:  # a fault of ours must",
        wrong="except ZeroDivisionError:  # a fault of ours must",
        tests="tests/evidence/test_rounds.py",
    ),
    Mutant(
        does="takes a damaged memory of a witness for a forked log",
        file="monitor/evidence/journal/witness.py",
        right="len(hashes) != size.bit_count() or ",
        wrong="",
        tests="tests/evidence/test_witness.py",
    ),
    Mutant(
        does="puts a file in the place of a pipe",
        file="monitor/files.py",
        right="        raise NoFile(path)\n",
        wrong="        return path, None\n",
        tests="tests/store/test_files.py",
    ),
    Mutant(
        does="reads a line of the journal that has a key twice",
        file="monitor/evidence/journal/facts.py",
        right="return records.canonical(json.loads(line)) == line",
        wrong="return bool(records.canonical(json.loads(line)))",
        tests="tests/evidence/test_facts.py",
    ),
)

UNWATCHED = (
    Mutant(
        does="visits instants of its own that were never committed",
        file=TIMETABLE,
        right="self._add(day, self._draws_of(day))",
        wrong="self._add(day, drawn)",
        tests="tests/schedule/test_timetable.py",
    ),
    Mutant(
        does="forgets an instant that is due while the next day is drawn",
        file=TIMETABLE,
        right="self._forget_before(now - DAY)",
        wrong="self._forget_before(now)",
        tests="tests/schedule/test_timetable.py",
    ),
    Mutant(
        does="lets a gap of a simulated préfecture pass for a real one",
        file=TIMETABLE,
        right="simulated=self._simulated(target),",
        wrong="simulated=False,",
        tests="tests/schedule/test_timetable.py",
    ),
    Mutant(
        does="never calls a target unstable that changed slowly before",
        file=TRANSITIONS,
        right="[-rules.flap_changes :]",
        wrong="[: rules.flap_changes]",
        tests="tests/alerts/test_transitions.py",
    ),
    Mutant(
        does="accepts a hold that ends before it begins and protects no picture",
        file="monitor/settings/evidence.py",
        right="if self.last < self.first:",
        wrong="if False:",
        tests="tests/config/test_bad_input.py",
    ),
    Mutant(
        does="keeps half a token in a quotation that was cut",
        file="monitor/rules/scrub.py",
        right="_utf8(words[: 4 * limit])",
        wrong="_utf8(words[:limit])",
        tests="tests/evidence/test_scrub.py",
    ),
    Mutant(
        does="sends mail in the clear to a server whose name ends like this machine's",
        file="monitor/settings/alerts.py",
        right='return host == "localhost"',
        wrong='return host.endswith("localhost")',
        tests="tests/config/test_bad_input.py",
    ),
    Mutant(
        does="begins an empty record where the disk of the old one is not mounted",
        file="monitor/watch/installation.py",
        right=" and not folder.is_absolute():",
        wrong=":",
        tests="tests/service/test_wiring.py",
    ),
    Mutant(
        does="never compares a visit that was recorded after its time was settled",
        file="monitor/watch/controls.py",
        right="self._settled - DAY / 24, end",
        wrong="self._settled, end",
        tests="tests/review/test_beside.py",
    ),
    Mutant(
        does="believes the clock's offset of a program that failed",
        file="monitor/watch/clock_offset.py",
        right="if asked.returncode == 0 else",
        wrong="if asked.stdout else",
        tests="tests/service/test_offset.py",
    ),
)

MUTANTS = (
    *FOUND_BY_HAND,
    *FALSE_ZEROS,
    *STOP_LINE,
    *FALSE_NEWS,
    *LOST_MAILS,
    *LOST_INSTANTS,
    *FALSE_FIGURES,
    *FALSE_METRICS,
    *LOST_ROWS,
    *LOST_EVIDENCE,
    *RUDE,
    *OVERLOOKED,
    *UNWATCHED,
)
