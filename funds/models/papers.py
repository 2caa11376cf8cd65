"""Papers that the association issues for what stands in its books: numbered, signed, proved by their code."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear, Now
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from funds.models.donations import Donation
from funds.models.gifts import SplitGift
from funds.models.goods import GoodsIssue
from funds.models.vouchers import Voucher
from funds.triggers.papers import PAPER_TRIGGERS, SERIES_TRIGGERS
from members.models import Unit
from members.scope import ScopedManager


class PaperKind(models.TextChoices):
    RECEIPT = "receipt", _("Receipt voucher")
    ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement of receipt")
    PAYMENT = "payment", _("Payment voucher")
    GOODS_IN = "goods_in", _("Goods receipt slip")
    GOODS_OUT = "goods_out", _("Goods issue slip")
    LETTER = "letter", _("Thank-you letter")
    CERTIFICATE = "certificate", _("Certificate of the golden heart")


#: What stands before the number of each kind.
SIGNS = {
    PaperKind.RECEIPT: "PT",
    PaperKind.ACKNOWLEDGEMENT: "BN",
    PaperKind.PAYMENT: "PC",
    PaperKind.GOODS_IN: "NK",
    PaperKind.GOODS_OUT: "XK",
    PaperKind.LETTER: "TCO",
    PaperKind.CERTIFICATE: "TLV",
}

#: The columns of which one says what a paper is about.
SUBJECTS = ("donation", "split", "voucher", "lot")


def _about(subject: str) -> Q:
    return Q(**{f"{other}__isnull": other != subject for other in SUBJECTS})


class PaperSeries(models.Model):
    """How far the numbers of a unit, kind and year have come. Follows the papers by trigger; who issues locks it."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=15, choices=PaperKind)
    year = models.PositiveSmallIntegerField(_("year"))
    last_number = models.PositiveIntegerField(_("last number"), default=0)
    last_on = models.DateField(_("date of the last"), null=True)

    unscoped = models.Manager()
    objects = ScopedManager["PaperSeries"]("unit")

    class Meta:
        verbose_name = _("series of papers")
        verbose_name_plural = _("series of papers")
        default_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["unit", "kind", "year"], name="paper_series_once")]
        triggers = SERIES_TRIGGERS

    def __str__(self) -> str:
        return f"{self.unit_id} {self.kind} {self.year}: {self.last_number}"


class Paper(models.Model):
    """One paper, about a gift (whole or ``split``), a voucher or a ``lot`` of goods.

    It keeps what it said on the day, so that it prints the same for ever. Numbers run from 1 per unit, kind and year
    and are never given twice; a voided paper keeps its own, and another may take its place (``replaces``).
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="papers", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=15, choices=PaperKind)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    issued_on = models.DateField(_("issued on"))
    donation = models.ForeignKey(
        Donation, models.PROTECT, null=True, blank=True, related_name="papers", verbose_name=_("donation")
    )
    split = models.ForeignKey(
        SplitGift, models.PROTECT, null=True, blank=True, related_name="papers", verbose_name=_("split gift")
    )
    voucher = models.ForeignKey(
        Voucher, models.PROTECT, null=True, blank=True, related_name="papers", verbose_name=_("voucher")
    )
    lot = models.ForeignKey(
        GoodsIssue, models.PROTECT, null=True, blank=True, related_name="papers", verbose_name=_("lot of goods")
    )
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    unit_name = models.CharField(_("unit as it was called"), max_length=200)
    party = models.CharField(_("from or to whom"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    reason = models.CharField(_("for what"), max_length=400, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("issued by")
    )
    issued_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("in place of")
    )
    voided_on = models.DateField(_("voided on"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("voided by")
    )
    void_reason = models.CharField(_("why voided"), max_length=240, blank=True, default="", db_default="")

    unscoped = models.Manager()
    objects = ScopedManager["Paper"]("unit")

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        default_manager_name = "unscoped"
        ordering = ["-issued_on", "-pk"]
        indexes = [models.Index(fields=["-issued_on", "-id"], name="paper_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind", "year", "number"],
                name="paper_number_once",
                violation_error_message=_("This number is given already. Issue the paper again."),
            ),
            *(
                models.UniqueConstraint(
                    fields=["kind", subject],
                    condition=Q(voided_on=None),
                    name=f"paper_once_{subject}",
                    violation_error_message=_("Such a paper was issued already. Print it again, or void it first."),
                )
                for subject in SUBJECTS
            ),
            models.CheckConstraint(name="paper_about_one", condition=reduce(or_, map(_about, SUBJECTS))),
            models.CheckConstraint(name="paper_year", condition=Q(year=ExtractYear("issued_on"))),
            models.CheckConstraint(
                name="paper_numbered", condition=Q(number__gte=1, amount_vnd__gt=0, amount_vnd__lte=MOST_VND)
            ),
            models.CheckConstraint(
                name="paper_void_has_reason",
                condition=Q(voided_on=None, void_reason="", voided_by=None)
                | (Q(voided_on__isnull=False, voided_on__gte=F("issued_on")) & ~Q(void_reason="")),
                violation_error_message=_("Say why the paper is voided."),
            ),
        ]
        triggers = PAPER_TRIGGERS

    def __str__(self) -> str:
        return self.sign

    @property
    def sign(self) -> str:
        """PT-00012/2026."""
        return f"{SIGNS[PaperKind(self.kind)]}-{self.number:05d}/{self.year}"

    @property
    def subject(self) -> Donation | SplitGift | Voucher | GoodsIssue:
        """What it is about. At most 1 query."""
        about = self.donation or self.split or self.voucher or self.lot
        assert about is not None
        return about
