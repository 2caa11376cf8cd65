"""Who gives."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from funds.triggers.donations import DONOR_TRIGGERS
from hkh.core.text import SearchKey, TitleKey
from members.models import Unit
from members.scope import ScopedManager


class DonorKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("Enterprise")
    PERSON = "person", _("Person")
    AGENCY = "agency", _("Agency")
    NGO = "ngo", _("Foreign non-governmental organisation")
    MEMBER = "member", _("Members")
    CLAN = "clan", _("Clan")


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
    revision = models.PositiveIntegerField(default=1, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    title_key = models.GeneratedField(
        expression=TitleKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager["Donor"]("unit")

    class Meta:
        verbose_name = _("donor")
        verbose_name_plural = _("donors")
        default_manager_name = "unscoped"
        ordering = ["title_key", "pk"]
        indexes = [
            models.Index(fields=["title_key", "id"], name="donor_order"),
            GinIndex(fields=["search_key"], name="donor_search", opclasses=["gin_trgm_ops"]),
        ]
        triggers = DONOR_TRIGGERS

    def __str__(self) -> str:
        return self.name
