"""The verbs of reports: keep what was written, ask for the documents."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hkh.core import jobs
from hkh.core.models import Job
from hkh.indicators.lens import Lens
from hkh.reports.models import ReportDraft
from members.models import User
from members.rules import Verb, require


def save_draft(*, draft: ReportDraft, revision: int, values: dict[str, Any], by: User) -> ReportDraft:
    """Keep ``values`` in ``draft`` (which may be new). ``revision`` is the one that was on the screen.

    Raises: ValidationError where somebody saved it meanwhile; PermissionDenied, Http404 by the rules.
    """
    require(by, Verb.WRITE_REPORT, draft.unit)
    stale = ValidationError(
        _("Somebody else saved this report while you were writing. Copy your text, reload the page, and add it."),
        code="stale",
    )
    with transaction.atomic():
        if draft.pk is None:
            if revision != 0 or ReportDraft.unscoped.filter(unit=draft.unit, period=draft.period).exists():
                raise stale
            kept = draft
        else:
            kept = ReportDraft.unscoped.select_for_update().get(pk=draft.pk)
            if kept.revision != revision:
                raise stale
        for name, value in values.items():
            setattr(kept, name, value)
        kept.revision, kept.saved_by = revision + 1, by
        try:
            with transaction.atomic():
                kept.save()
        except IntegrityError as twin:
            raise stale from twin
    return kept


def ask_for_documents(*, lens: Lens, tree: str, key: str, by: User) -> Job:
    """Have the PDF and the workbook of ``lens`` made by the worker; the same ``key`` asks once."""
    require(by, Verb.MAKE_REPORT, lens.unit)
    return jobs.enqueue(
        "report.periodic",
        by=by,
        key=key,
        title=_("Report of %(unit)s, %(period)s") % {"unit": lens.unit.name, "period": lens.period.phrase},
        unit=lens.unit.code,
        period=lens.period.code,
        tree=tree,
    )
