"""Periods of the books: closed when every check is green, reopened for a while with a reason."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from funds.checks.closing import closing_checks
from funds.models import MOST_DAYS_OPEN, Closing, Reopening
from hkh.core.dates import Period, PeriodKind, today
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


def close_books(*, unit: Unit, period: Period, by: User) -> Closing:
    """The books of ``unit`` and of all below it closed for ``period`` (a month or a quarter).

    Nobody books meanwhile. Raises: Http404, PermissionDenied; ValidationError where the period is not over, the one
    before it is open, or a check is red.
    """
    require(by, Verb.CLOSE_BOOKS, unit)
    if period.kind not in (PeriodKind.MONTH, PeriodKind.QUARTER):
        raise ValidationError(_("Books are closed by the month or by the quarter."), code="closing_kind")
    with refusals():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE funds_donation, funds_movement IN SHARE ROW EXCLUSIVE MODE")
        before = Closing.unscoped.filter(unit=unit).order_by("-ends_before").first()
        _require_turn(period, before)
        since = before.ends_before if before else None
        red = [check for check in closing_checks(unit, period, since=since) if check.count]
        if red:
            raise ValidationError(
                _("The period cannot be closed yet: %(checks)s."),
                code="closing_checks",
                params={"checks": "; ".join(str(check.label) for check in red)},
            )
        closing = Closing.unscoped.create(
            unit=unit,
            period=period.code,
            starts_on=since,
            ends_before=period.ends_before,
            closed_by=by,
        )
    closing.refresh_from_db()
    return closing


def reopen_books(*, closing: Closing, unit: Unit, reason: str, days: int, by: User) -> Reopening:
    """The closed period open again from today, for ``unit`` and all below it; closed by itself after ``days``.

    Raises: Http404, PermissionDenied; ValidationError without a reason or for too long.
    """
    require(by, Verb.REOPEN_BOOKS, closing.unit_id)
    if not 1 <= days <= MOST_DAYS_OPEN:
        raise ValidationError(_("A period is open again for at most 31 days."), code="reopening_ends")
    with refusals():
        return Reopening.objects.create(
            closing=closing,
            unit=unit,
            reopened_on=today(),
            until_on=today() + timedelta(days=days),
            reason=clean(reason),
            reopened_by=by,
        )


def end_reopening(*, reopening: Reopening, by: User) -> Reopening:
    """The period closed again at once, before its time. Raises: Http404, PermissionDenied."""
    require(by, Verb.REOPEN_BOOKS, reopening.closing.unit_id)
    with refusals():
        held = Reopening.objects.select_for_update(no_key=True).get(pk=reopening.pk)
        if held.is_open_on(today()):
            held.until_on = max(today(), held.reopened_on)
            held.save(update_fields=["until_on"])
    return held


def next_period(unit: Unit, *, kind: PeriodKind = PeriodKind.QUARTER) -> Period:
    """The period of ``kind`` whose turn it is: after the last one closed, else the last that is over. 1 query."""
    last = Closing.unscoped.filter(unit=unit).order_by("-ends_before").values_list("ends_before", flat=True).first()
    return Period.containing(last, kind) if last else Period.containing(today(), kind).previous()


def _require_turn(period: Period, before: Closing | None) -> None:
    if period.ends_before > today():
        raise ValidationError(
            _("%(period)s is not over yet. It can be closed from its last day on."),
            code="closing_over",
            params={"period": period.label},
        )
    if before is None:
        return
    if period.ends_before <= before.ends_before:
        raise ValidationError(_("%(period)s is closed already."), code="closing_once", params={"period": period.label})
    if period.starts_on > before.ends_before:
        raise ValidationError(
            _("Periods are closed one after the other. Close %(period)s first."),
            code="closing_in_turn",
            params={"period": Period.containing(before.ends_before, period.kind).phrase},
        )
