"""People who may have been entered twice, and people put together."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from members.models.people import Member, seen_by_membership
from members.scope import ScopedManager


class PairState(models.TextChoices):
    OPEN = "open", _("To decide")
    DIFFERENT = "different", _("Two different people")


class Likeness(models.TextChoices):
    """What two entries have in common."""

    NAME = "name", _("same name")
    NAME_WITHOUT_MARKS = "name_without_marks", _("same name but for its marks")
    BIRTH_DATE = "birth_date", _("born on the same day")
    BIRTH_SWAPPED = "birth_swapped", _("day and month of birth the other way round")
    BIRTH_YEAR = "birth_year", _("born in the same year")
    BIRTH_UNKNOWN = "birth_unknown", _("one birth not known")
    PHONE = "phone", _("same telephone")
    UNIT = "unit", _("same unit")
    PARENT = "parent", _("neighbouring units")


def _both_seen(units: models.QuerySet[Any]) -> Q:
    """A pair is seen by who sees both people."""

    def seen(side: str) -> Exists:
        return Exists(Member.unscoped.filter(seen_by_membership(units), pk=OuterRef(side)))

    return Q(seen("first")) & Q(seen("second"))


class DuplicatePair(models.Model):
    """Two entries that may be one person. Found by ``members.duplicates``; who decided "different" is not asked again.

    ``score`` runs to 100 and ``likenesses`` say what it rests on (``Likeness``). ``first`` has the lower id.
    """

    first = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False, verbose_name=_("one"))
    second = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("the other"))
    score = models.PositiveSmallIntegerField(_("likeness"))
    likenesses = ArrayField(models.CharField(max_length=20, choices=Likeness), verbose_name=_("in common"))
    state = models.CharField(_("state"), max_length=10, choices=PairState, default=PairState.OPEN)
    found_at = models.DateTimeField(_("found"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )

    unscoped = models.Manager()
    objects = ScopedManager(_both_seen)

    class Meta:
        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        default_manager_name = "unscoped"
        indexes = [models.Index(fields=["state", "score", "id"], name="pair_queue")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(name="pair_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}: {self.score}"


class MemberMerge(models.Model):
    """``gone`` was put together with ``kept``. ``before`` and ``after`` hold every row concerned, by table and id.

    It can be undone while all of these rows are still as ``after`` says.
    """

    kept = models.ForeignKey(Member, models.PROTECT, related_name="merges", verbose_name=_("kept"))
    gone = models.ForeignKey(Member, models.PROTECT, related_name="merges_away", verbose_name=_("put together with it"))
    before = models.JSONField(encoder=DjangoJSONEncoder)
    after = models.JSONField(encoder=DjangoJSONEncoder)
    merged_at = models.DateTimeField(_("when"), auto_now_add=True)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("undone by")
    )

    unscoped = models.Manager()
    objects = ScopedManager(
        lambda units: Q(Exists(Member.unscoped.filter(seen_by_membership(units), pk=OuterRef("kept"))))
    )

    class Meta:
        verbose_name = _("merge of two entries")
        verbose_name_plural = _("merges of two entries")
        default_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="merge_gone_once"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"
