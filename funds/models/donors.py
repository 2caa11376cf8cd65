"""Who gives."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funds.triggers.donations import DONOR_TRIGGERS
from hkh.core.text import SearchKey, TitleKey
from members.models import Member, Unit
from members.scope import ScopedManager


class DonorKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("Enterprise")
    PERSON = "person", _("Person")
    AGENCY = "agency", _("Agency")
    NGO = "ngo", _("Foreign non-governmental organisation")
    MEMBER = "member", _("Members")
    CLAN = "clan", _("Clan")


def _seen_by_cards(units: models.QuerySet[Any]) -> Q:
    """A donor is seen by the unit that keeps the card; a card into which others were merged, by their units too:
    they go on recording what he gives."""
    merged = Donor.unscoped.filter(unit__in=units, merged_into__isnull=False)
    return Q(unit__in=units) | Q(pk__in=merged.values("merged_into"))


class Donor(models.Model):
    """Who gives. Kept by the unit that knows the donor."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="donors", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=10, choices=DonorKind)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    tax_code = models.CharField(_("tax code"), max_length=14, blank=True)
    is_anonymous = models.BooleanField(
        _("wishes to stay unnamed"), default=False, help_text=_("The name is shown to no one outside.")
    )
    note = models.TextField(_("note"), blank=True)
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="donors", verbose_name=_("is the member")
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    title_key = models.GeneratedField(
        expression=TitleKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager["Donor"](_seen_by_cards)

    class Meta:
        verbose_name = _("donor")
        verbose_name_plural = _("donors")
        default_manager_name = "unscoped"
        ordering = ["title_key", "pk"]
        indexes = [
            models.Index(fields=["title_key", "id"], name="donor_order"),
            GinIndex(fields=["search_key"], name="donor_search", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="donor_ngo_has_country",
                condition=~Q(kind="ngo") | ~Q(country=""),
                violation_error_message=_("Write the country that the organisation comes from."),
            ),
            models.CheckConstraint(
                name="donor_not_into_itself",
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                violation_error_message=_("Choose two different donors."),
            ),
        ]
        triggers = DONOR_TRIGGERS

    def __str__(self) -> str:
        return self.name


class DonorMerge(models.Model):
    """Two cards of one donor made one, and how to undo it.

    The gifts stay on the card on which they were entered; whoever sums goes by the card it was merged into.
    """

    kept = models.ForeignKey(Donor, models.PROTECT, related_name="+", verbose_name=_("kept"))
    gone = models.ForeignKey(Donor, models.PROTECT, related_name="+", verbose_name=_("merged away"))
    #: What both cards held before: what was filled in of the kept one, the kind of the other, who hung on it.
    before = models.JSONField(default=dict)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("merge of donors")
        verbose_name_plural = _("merges of donors")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="donor_merged_once"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"


class DonorsDistinct(models.Model):
    """Two donors who look alike and are not the same, as somebody who knows decided. ``first`` has the lower id."""

    first = models.ForeignKey(Donor, models.CASCADE, related_name="+")
    second = models.ForeignKey(Donor, models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="donors_distinct_once"),
            models.CheckConstraint(name="donors_distinct_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
