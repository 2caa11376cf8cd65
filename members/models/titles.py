"""Titles of the learning society: how many were registered for and recognised, and what is aimed at."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hkh.core.dates import FIRST_YEAR, LAST_YEAR
from members.models.places import Place
from members.models.tree import Unit
from members.scope import ScopedManager
from members.triggers.titles import TITLE_TRIGGERS


class Title(models.TextChoices):
    """L1 to L5, in the order of the national report."""

    FAMILY = "family", _("Learning family")
    CLAN = "clan", _("Learning clan")
    COMMUNITY = "community", _("Learning community")
    UNIT = "unit", _("Learning unit")
    CITIZEN = "citizen", _("Learning citizen")


class TitleCount(models.Model):
    """One title in one unit and year: of ``total`` households, clans … so many registered, so many were recognised.

    The unit speaks for itself and all below it; so of units one below the other only one may speak for a year and
    title, and figures add up the tree without counting anything twice.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="title_counts", verbose_name=_("unit"), db_index=False)
    year = models.PositiveSmallIntegerField(_("year"))
    title = models.CharField(_("title"), max_length=10, choices=Title)
    total = models.PositiveIntegerField(_("in all"))
    registered = models.PositiveIntegerField(_("registered"))
    recognised = models.PositiveIntegerField(_("recognised"))
    revision = models.PositiveIntegerField(default=1, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered"), auto_now=True)

    unscoped = models.Manager()
    objects = ScopedManager["TitleCount"]("unit")

    class Meta:
        verbose_name = _("count of a title")
        verbose_name_plural = _("counts of titles")
        default_manager_name = "unscoped"
        ordering = ["-year", "unit", "title"]
        indexes = [models.Index(fields=["year", "unit"], name="title_count_by_year")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year", "title"],
                name="title_count_once",
                violation_error_message=_(
                    "Somebody else has entered this year's figures meanwhile. Look at them, then enter your change."
                ),
            ),
            models.CheckConstraint(
                name="title_within_total",
                condition=Q(registered__lte=F("total"), recognised__lte=F("total")),
                violation_error_message=_("There cannot be more registered or recognised than there are in all."),
            ),
            models.CheckConstraint(name="title_known", condition=Q(title__in=Title.values)),
            models.CheckConstraint(name="title_year_sane", condition=Q(year__range=(FIRST_YEAR, LAST_YEAR))),
        ]
        triggers = TITLE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.unit_id} {self.year} {self.title}: {self.recognised}/{self.registered}/{self.total}"


class TitleTarget(models.Model):
    """What share of all is to bear a title by the end of ``year``. Of several that fit, the nearest to the unit counts:
    its own, those of the units above it, its place's and those of the places above, the one for all."""

    title = models.CharField(_("title"), max_length=10, choices=Title)
    year = models.PositiveSmallIntegerField(
        _("by the end of"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    unit = models.ForeignKey(
        Unit, models.CASCADE, null=True, blank=True, related_name="title_targets", verbose_name=_("unit")
    )
    place = models.ForeignKey(
        Place, models.CASCADE, null=True, blank=True, related_name="title_targets", verbose_name=_("place")
    )
    value_percent = models.DecimalField(_("target in per cent"), max_digits=5, decimal_places=2)
    basis = models.CharField(_("basis"), max_length=200, help_text=_("The decision that sets it, such as 387/QĐ-TTg."))

    class Meta:
        verbose_name = _("target of a title")
        verbose_name_plural = _("targets of titles")
        ordering = ["title", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["title", "year", "unit", "place"],
                nulls_distinct=False,
                name="title_target_once",
                violation_error_message=_("There is a target for this title, year and unit or place already."),
            ),
            models.CheckConstraint(
                name="title_target_share",
                condition=Q(value_percent__gt=0, value_percent__lte=100),
                violation_error_message=_("A target is more than 0 and at most 100 per cent."),
            ),
            models.CheckConstraint(
                name="title_target_for_one",
                condition=Q(unit=None) | Q(place=None),
                violation_error_message=_("A target is for a unit or for a place, not for both."),
            ),
            models.CheckConstraint(name="title_target_known", condition=Q(title__in=Title.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_title_display()} {self.year}: {self.value_percent} %"
