"""Tiers and units, and the tree through time (DESIGN §4)."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hkh.core.text import SearchKey, TitleKey
from members.models.places import Place
from members.scope import ScopedManager
from members.triggers.offices import UNIT_OFFICE_TRIGGERS
from members.triggers.tree import ANCESTOR_TRIGGERS, TIER_TRIGGERS, UNIT_TRIGGERS, VERSION_TRIGGERS


class Tier(models.Model):
    """A level of the association. No tier's name or number stands in code: administrators edit these rows."""

    code = models.SlugField(_("code"), max_length=24, unique=True)
    rank = models.PositiveSmallIntegerField(
        _("rank"), help_text=_("1 is the top. A tier stands under tiers with a smaller number, or under itself.")
    )
    name_vi = models.CharField(_("name in Vietnamese"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    name_id = models.CharField(_("name in Indonesian"), max_length=80)
    may_stand_under = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="may_hold", verbose_name=_("may stand under")
    )
    may_stand_alone = models.BooleanField(
        _("may stand at the top"),
        default=False,
        db_default=False,
        help_text=_("Units of a tier that may stand under no other stand at the top in any case."),
    )
    holds_members = models.BooleanField(_("holds members"), default=False)
    holds_funds = models.BooleanField(_("holds funds"), default=True)
    owes_returns = models.BooleanField(_("owes returns"), default=True)
    retired_on = models.DateField(
        _("retired on"),
        null=True,
        blank=True,
        help_text=_("The first day on which no unit stands in this tier any more; older reports keep it."),
    )

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["rank", "code"]
        triggers = TIER_TRIGGERS

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return str(getattr(self, f"name_{(get_language() or 'vi')[:2]}", "") or self.name_vi)


class UnitKind(models.TextChoices):
    TERRITORIAL = "territorial", _("Administrative area")
    RESIDENTIAL = "residential", _("Residential area")
    SCHOOL = "school", _("School")
    AGENCY = "agency", _("Agency")
    ENTERPRISE = "enterprise", _("Enterprise")
    ARMED_FORCES = "armed_forces", _("Armed forces")
    CLAN = "clan", _("Clan")
    OTHER = "other", _("Other")


class Unit(models.Model):
    """An association body: who it is. Where it stands, and when, is told by its ``UnitVersion`` rows.

    ``name``, ``tier`` and ``parent`` repeat its latest version as a convenience; the database keeps them so.
    """

    code = models.CharField(_("code"), max_length=32, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=UnitKind, default=UnitKind.TERRITORIAL)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="units", verbose_name=_("place")
    )
    founded_on = models.DateField(_("founded on"))
    dissolved_on = models.DateField(
        _("dissolved on"), null=True, blank=True, help_text=_("First day it was no more; empty: still there.")
    )
    name = models.CharField(_("name"), max_length=200)
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="units", verbose_name=_("tier"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("stands under")
    )
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    title_key = models.GeneratedField(
        expression=TitleKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager("pk")

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        default_manager_name = "unscoped"
        ordering = ["title_key", "code"]
        indexes = [models.Index(fields=["parent", "title_key"], name="unit_parent_title")]
        constraints = [
            models.CheckConstraint(
                name="unit_dates_in_order",
                condition=Q(dissolved_on=None) | Q(dissolved_on__gt=F("founded_on")),
                violation_error_message=_("A unit cannot be dissolved before it is founded."),
            ),
        ]
        triggers = UNIT_TRIGGERS + UNIT_OFFICE_TRIGGERS

    def __str__(self) -> str:
        return self.name

    def exists_on(self, day: date) -> bool:
        return self.founded_on <= day and (self.dissolved_on is None or day < self.dissolved_on)


class UnitVersion(models.Model):
    """The truth about the tree: what a unit was called and where it stood, ``[valid_from, valid_until)``."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="versions", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=200)
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name=_("tier"))
    parent = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="child_versions",
        verbose_name=_("stands under"),
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    class Meta:
        verbose_name = _("unit version")
        verbose_name_plural = _("unit versions")
        ordering = ["unit", "valid_from"]
        indexes = [models.Index(fields=["parent", "valid_from"], name="version_parent")]
        constraints = [
            models.CheckConstraint(
                name="version_dates_in_order",
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                violation_error_message=_("The last day must come after the first."),
            ),
            models.CheckConstraint(
                name="version_not_its_own_parent",
                condition=Q(parent=None) | ~Q(parent=F("unit")),
                violation_error_message=_("A unit cannot stand under itself."),
            ),
            models.UniqueConstraint(
                fields=["unit", "valid_from"],
                name="version_starts_once",
                violation_error_message=_("This unit already changed on that day. Choose another date."),
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(valid_until=None),
                name="version_open_once",
                violation_error_message=_("Only the latest version of a unit has no end."),
            ),
            # A belt: the trigger looks for overlaps too, for servers without GiST.
            ExclusionConstraint(
                name="version_shares_no_day",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (Func("valid_from", "valid_until", function="daterange"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Two versions of a unit would share days. Choose other dates."),
            ),
        ]
        triggers = VERSION_TRIGGERS

    def __str__(self) -> str:
        return f"{self.name} ({self.valid_from}–{self.valid_until or '…'})"


class UnitAncestor(models.Model):
    """The dated closure of the tree: ``unit`` stood ``depth`` below ``ancestor``, ``[valid_from, valid_until)``.

    Derived from ``UnitVersion`` by the SQL function ``members_refresh_tree``; never written otherwise.
    Depth 0 is the unit itself. ``via`` is the ancestor's own child on the way down (null at depth 0), so that
    sums by child need no second walk; ``tier`` the unit's tier in those days. ``is_latest`` marks where the
    unit stands now or, dissolved, stood last.
    """

    ancestor = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="ancestors", db_index=False)
    depth = models.PositiveSmallIntegerField()
    via = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", null=True, db_index=False)
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", db_index=False)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    is_latest = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["ancestor", "valid_from", "valid_until", "unit"], name="ancestor_subtree"),
            models.Index(fields=["ancestor", "unit"], condition=Q(is_latest=True), name="ancestor_latest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["unit", "depth", "valid_from"], name="ancestor_path"),
        ]
        triggers = ANCESTOR_TRIGGERS

    def __str__(self) -> str:
        return f"{self.unit_id} −{self.depth}→ {self.ancestor_id}"


class SuccessionKind(models.TextChoices):
    WHOLE = "whole", _("Whole")
    PART = "part", _("Part")


class Succession(models.Model):
    """Who carries on for whom: on ``effective_on`` tasks (or a share) passed from predecessor to successor."""

    predecessor = models.ForeignKey(Unit, models.CASCADE, related_name="successions", verbose_name=_("from unit"))
    successor = models.ForeignKey(Unit, models.CASCADE, related_name="inheritances", verbose_name=_("to unit"))
    effective_on = models.DateField(_("takes effect on"))
    kind = models.CharField(_("kind"), max_length=8, choices=SuccessionKind, default=SuccessionKind.WHOLE)
    share = models.DecimalField(_("share"), max_digits=7, decimal_places=6, default=1)
    legal_basis = models.CharField(_("legal basis"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(name="succession_share", condition=Q(share__gt=0, share__lte=1)),
            models.CheckConstraint(name="succession_to_another", condition=~Q(predecessor=F("successor"))),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"
