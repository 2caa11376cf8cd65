"""Who may sign in, and where they may do what."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.models.tree import Unit
from members.triggers.grants import GRANT_TRIGGERS


class User(AbstractUser):
    """A person with an account. Rights come from ``Grant`` rows alone (superusers aside)."""

    full_name = models.CharField(_("full name"), max_length=120, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)

    #: What ``members.rules`` has looked up for this object, for one day. No column.
    rights_seen: dict[str, Any]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.full_name or self.username


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    CHAIR = "chair", _("Chair")
    ACCOUNTANT = "accountant", _("Accountant")
    CASHIER = "cashier", _("Cashier")
    PROGRAMME_OFFICER = "programme_officer", _("Programme officer")
    CLERK = "clerk", _("Clerk")
    VIEWER = "viewer", _("Viewer")


class Grant(models.Model):
    """A role in a unit and everything below it, ``[valid_from, valid_until)``."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("account"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants", verbose_name=_("unit"))
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["user", "unit"]
        constraints = [
            models.CheckConstraint(
                name="grant_dates_in_order",
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                violation_error_message=_("The last day must come after the first."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "unit", "valid_from"],
                name="grant_once",
                violation_error_message=_("This account has this role here already."),
            ),
        ]
        triggers = GRANT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.unit}"
