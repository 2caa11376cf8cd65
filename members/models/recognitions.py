"""What members were honoured with."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import ExtractYear, Lower, Now
from django.utils.translation import gettext_lazy as _

from hkh.core.dates import FIRST_YEAR, LAST_YEAR, format_date
from members.models.changes import entered_by
from members.models.people import Member, seen_by_membership
from members.scope import ScopedManager
from members.triggers.changes import keep_changes
from members.triggers.recognitions import RECOGNITION_TRIGGERS


class RecognitionKind(models.TextChoices):
    """Titles of the learning society that people bear, then what is awarded, the highest first."""

    CITIZEN = "citizen", _("Learning citizen")
    FAMILY = "family", _("Learning family (as its head)")
    MEDAL = "medal", _("Medal “For the cause of promoting learning”")
    MERIT = "merit", _("Certificate of merit")
    COMMENDATION = "commendation", _("Letter of commendation")
    OTHER = "other", _("Another title or commendation")


#: What several may give to one person in one year.
OF_SEVERAL_GIVERS = (RecognitionKind.MERIT, RecognitionKind.COMMENDATION)


def _seen_with_the_person(units: models.QuerySet[Any]) -> Q:
    return Q(Exists(Member.unscoped.filter(seen_by_membership(units), pk=OuterRef("member_id"))))


class Recognition(models.Model):
    """A member was honoured with something in ``year``, on ``recognised_on`` where the day is known.

    These rows say who bears what, as far as somebody wrote it down; they are not the counts of titles that units
    declare (``TitleCount``), nothing is summed from them, and the two need not agree. The year has come and is not
    before the birth (``members.triggers.recognitions``).
    """

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="recognitions", verbose_name=_("member"), db_index=False
    )
    kind = models.CharField(_("title or commendation"), max_length=12, choices=RecognitionKind)
    wording = models.CharField(_("wording"), max_length=160, blank=True)
    year = models.PositiveSmallIntegerField(_("year"))
    recognised_on = models.DateField(_("day"), null=True, blank=True)
    given_by = models.CharField(_("given by"), max_length=160, blank=True)
    decision = models.CharField(_("decision"), max_length=120, blank=True)
    idempotency_key = models.UUIDField(null=True, editable=False)
    entered_at = models.DateTimeField(_("entered"), null=True, editable=False, db_default=Now())
    entered_by = entered_by()

    unscoped = models.Manager()
    objects = ScopedManager["Recognition"](_seen_with_the_person)

    class Meta:
        verbose_name = _("title or commendation")
        verbose_name_plural = _("titles and commendations")
        default_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(
                "member",
                "year",
                "kind",
                Lower("wording"),
                Case(When(kind__in=OF_SEVERAL_GIVERS, then=Lower("given_by")), default=Value("")),
                name="recognition_once",
                violation_error_message=_("This stands on the person's page for that year already."),
            ),
            models.CheckConstraint(
                name="recognition_kind_known",
                condition=Q(kind__in=RecognitionKind.values),
                violation_error_message=_("Choose a title or commendation from the list."),
            ),
            models.CheckConstraint(
                name="recognition_worded",
                condition=Q(kind=RecognitionKind.OTHER, wording__regex=r"\S") | ~Q(kind=RecognitionKind.OTHER),
                violation_error_message=_("Write what it is called."),
            ),
            models.CheckConstraint(
                name="recognition_only_other_worded",
                condition=Q(kind=RecognitionKind.OTHER) | Q(wording=""),
                violation_error_message=_(
                    "Only another title or commendation has a wording of its own. Choose that, or leave this empty."
                ),
            ),
            models.CheckConstraint(
                name="recognition_day_in_year",
                condition=Q(recognised_on=None) | Q(year=ExtractYear("recognised_on")),
                violation_error_message=_("The day lies in another year."),
            ),
            models.CheckConstraint(
                name="recognition_year_sane",
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)),
                violation_error_message=_("Check the year."),
            ),
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="recognition_entered_once",
            ),
        ]
        triggers = RECOGNITION_TRIGGERS + keep_changes("recognition", unit="NULL::bigint")

    def __str__(self) -> str:
        return f"{self.title} ({self.when})"

    @property
    def title(self) -> str:
        """What it is called."""
        return self.wording or str(self.get_kind_display())

    @property
    def when(self) -> str:
        """The day, or the year where no more is known."""
        return format_date(self.recognised_on) if self.recognised_on else str(self.year)


#: The latest first, of one year those with a known day.
LATEST_FIRST = (F("year").desc(), F("recognised_on").desc(nulls_last=True), F("id").desc())
