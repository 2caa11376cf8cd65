"""From which sum on the roll of honour names a donor, and how."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from members.models import Unit
from members.scope import ScopedManager


class HonourLevel(models.Model):
    """A level of the roll of honour of a unit and of all below it that have no levels of their own."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="honour_levels", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=80)
    least_vnd = models.BigIntegerField(_("from (đồng)"))

    unscoped = models.Manager()
    objects = ScopedManager["HonourLevel"]("unit")

    class Meta:
        verbose_name = _("level of honour")
        verbose_name_plural = _("levels of honour")
        default_manager_name = "unscoped"
        ordering = ["-least_vnd"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "least_vnd"],
                name="honour_level_once",
                violation_error_message=_("Two levels begin at the same sum. Give each its own."),
            ),
            models.CheckConstraint(
                name="honour_level_named",
                condition=~Q(name="") & Q(least_vnd__gt=0, least_vnd__lte=MOST_VND),
                violation_error_message=_("Each level has a name and the sum that it begins at."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
