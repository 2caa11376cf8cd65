"""Bank accounts of units, the statements handed in, and what became of each line."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funds.models.donations import Donation
from funds.models.funds import Fund
from funds.models.ledger import Movement
from funds.triggers.bank import BANK_ACCOUNT_TRIGGERS, BANK_LINE_TRIGGERS, BANK_STATEMENT_TRIGGERS
from members.models import Unit
from members.scope import ScopedManager


class BankAccount(models.Model):
    """An account at a bank, in đồng, whose money belongs to funds of one unit. ``fund`` is where gifts go mostly."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bank_accounts", verbose_name=_("unit"))
    fund = models.ForeignKey(
        Fund,
        models.PROTECT,
        related_name="bank_accounts",
        verbose_name=_("fund"),
        help_text=_("Where gifts go that name no other."),
    )
    bank = models.CharField(_("bank"), max_length=60, help_text=_("For example Vietcombank, BIDV, Agribank."))
    number = models.CharField(_("account number"), max_length=34)
    holder = models.CharField(_("account holder"), max_length=160, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["BankAccount"]("unit")

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        default_manager_name = "unscoped"
        ordering = ["bank", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "number"],
                name="bank_account_once",
                violation_error_message=_("This account is entered already. Each account belongs to one unit."),
            ),
            models.CheckConstraint(
                name="bank_account_number",
                condition=Q(number__regex=r"^[0-9A-Z]{4,34}$"),
                violation_error_message=_("Write the account number in digits and letters, without spaces."),
            ),
        ]
        triggers = BANK_ACCOUNT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.bank} {self.number}"


class BankLayout(models.Model):
    """How one bank heads the columns of its statements: {column key: heading}. Matched once, used by all units."""

    bank = models.CharField(_("bank"), max_length=60, unique=True)
    columns = models.JSONField(_("columns"))

    class Meta:
        verbose_name = _("columns of a bank")
        verbose_name_plural = _("columns of banks")

    def __str__(self) -> str:
        return self.bank


class BankStatement(models.Model):
    """A file of a bank that was handed in. Balances are None where the file does not tell them."""

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="statements", verbose_name=_("account"))
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("to"))
    opening_vnd = models.BigIntegerField(_("opening balance (đồng)"), null=True)
    closing_vnd = models.BigIntegerField(_("closing balance (đồng)"), null=True)
    line_count = models.PositiveIntegerField(_("lines"), help_text=_("In the file, known ones too."))
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("handed in by")
    )
    handed_in_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    unscoped = models.Manager()
    objects = ScopedManager["BankStatement"]("account__unit")

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        default_manager_name = "unscoped"
        ordering = ["-handed_in_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "sha256"],
                name="bank_statement_once",
                violation_error_message=_("This very file was handed in before."),
            ),
            models.CheckConstraint(name="bank_statement_dates", condition=Q(first_on__lte=F("last_on"))),
        ]
        triggers = BANK_STATEMENT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.account} {self.first_on}–{self.last_on}"


class LineState(models.TextChoices):
    OPEN = "open", pgettext_lazy("a line of a bank statement", "To decide")
    BOOKED = "booked", pgettext_lazy("a line of a bank statement", "Booked")
    LINKED = "linked", pgettext_lazy("a line of a bank statement", "Recorded before")
    SET_ASIDE = "set_aside", pgettext_lazy("a line of a bank statement", "Set aside")


class BankLine(models.Model):
    """One transfer on an account, once, however many files tell of it (``key``, ``funds.statements.lines.keyed``).

    ``amount_vnd`` above zero came in, below went out. Its facts never change; what it turned out to be does: *booked*
    from here, *linked* with what somebody had recorded before, or *set aside* with a reason.
    """

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="lines", verbose_name=_("account"))
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines", verbose_name=_("statement"))
    number = models.PositiveIntegerField(_("line"))
    key = models.CharField(max_length=64)
    occurred_on = models.DateField(_("date"))
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    reference = models.CharField(_("bank's reference"), max_length=120, blank=True)
    party = models.CharField(_("other party"), max_length=200, blank=True)
    party_account = models.CharField(_("other party's account"), max_length=60, blank=True)
    description = models.TextField(_("description"), blank=True)
    state = models.CharField(_("state"), max_length=9, choices=LineState, default=LineState.OPEN)
    #: Of a gift split over funds its first part, which stands for the whole.
    donation = models.ForeignKey(
        Donation,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="bank_lines",
        verbose_name=_("donation"),
    )
    movement = models.ForeignKey(
        Movement,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="bank_lines",
        verbose_name=_("movement"),
    )
    set_aside_reason = models.CharField(_("why set aside"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(null=True)

    unscoped = models.Manager()
    objects = ScopedManager["BankLine"]("account__unit")

    class Meta:
        verbose_name = _("line of a bank statement")
        verbose_name_plural = _("lines of bank statements")
        default_manager_name = "unscoped"
        ordering = ["occurred_on", "pk"]
        indexes = [
            models.Index(fields=["account", "occurred_on", "id"], name="bank_line_by_account"),
            models.Index(fields=["account"], condition=Q(state="open"), name="bank_line_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="bank_line_once"),
            *(
                models.UniqueConstraint(
                    fields=[entry],
                    name=f"bank_line_{entry}_once",
                    violation_error_message=_("Another line of the bank is matched with this entry already."),
                )
                for entry in ("donation", "movement")
            ),
            models.CheckConstraint(name="bank_line_amount", condition=~Q(amount_vnd=0)),
            models.CheckConstraint(
                name="bank_line_decided",
                condition=Q(state="open", donation=None, movement=None, set_aside_reason="")
                | (Q(state="set_aside", donation=None, movement=None) & ~Q(set_aside_reason=""))
                | (
                    Q(state__in=["booked", "linked"], set_aside_reason="")
                    & (Q(donation__isnull=False, movement=None) | Q(donation=None, movement__isnull=False))
                ),
                violation_error_message=_("Say what this line is, or why it is set aside."),
            ),
            models.CheckConstraint(
                name="bank_line_decided_by",
                condition=Q(state="open") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]
        triggers = BANK_LINE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.amount_vnd} {self.reference}"
