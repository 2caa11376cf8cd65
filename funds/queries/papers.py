"""Which gifts of a list a paper can be made for, and the papers that stand beside an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat, Greatest, Length, LPad

from funds.models import SIGNS, Donation, DonationForm, Paper, PaperKind, SplitGift
from funds.papers import Subject, column_of, kinds_for
from members.models import User
from members.rules import Verb, may, units_where

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

#: What may be made of a whole list of gifts at once.
LIST_KINDS = (PaperKind.RECEIPT, PaperKind.GOODS_IN, PaperKind.ACKNOWLEDGEMENT, PaperKind.LETTER, PaperKind.CERTIFICATE)


def gifts_for(kind: PaperKind, donations: QuerySet[Donation], *, by: User) -> QuerySet[Donation]:
    """The gifts among ``donations`` that a paper of ``kind`` is issued for by ``by``, oldest first. Not run here.

    Of a split gift its first part stands for the whole; what was voided has none.
    """
    rows = donations.filter(Q(part=None) | Q(part=1), voided_on=None, unit__in=units_where(by, Verb.ISSUE_PAPER))
    if kind == PaperKind.RECEIPT:
        rows = rows.filter(is_pass_through=False).exclude(form=DonationForm.IN_KIND)
    elif kind == PaperKind.GOODS_IN:
        rows = rows.filter(is_pass_through=False, form=DonationForm.IN_KIND)
    return rows.order_by("received_on", "pk")


def subjects_of(donations: QuerySet[Donation], most: int) -> list[Donation | SplitGift]:
    """What papers about ``donations`` are about, with all that they name; at most ``most`` and one.

    1 query, and 3 where one is split.
    """
    rows = list(donations.select_related("donor", "unit", "fund", "appeal", "split")[: most + 1])
    splits = SplitGift.unscoped.select_related("donor", "unit").prefetch_related("parts__fund")
    whole = splits.in_bulk([row.split_id for row in rows if row.split_id]) if any(row.split_id for row in rows) else {}
    return [whole[row.split_id] if row.split_id else row for row in rows]


def with_signs(papers: QuerySet[Paper]) -> QuerySet[Any]:
    """``papers`` with ``sign_text``, as ``Paper.sign`` writes it. No query of its own."""
    number = Cast("number", TextField())
    signs = [When(kind=kind, then=Value(f"{letters}-")) for kind, letters in SIGNS.items()]
    sign = Case(*signs, output_field=TextField())
    padded = LPad(number, Greatest(Length(number), Value(5)), Value("0"))
    year = Cast("year", TextField())
    return papers.annotate(sign_text=Concat(sign, padded, Value("/"), year, output_field=TextField()))


def papers_beside(
    user: User | AnonymousUser, subject: Subject, unit_id: int, *, url: str, stands: bool
) -> dict[str, Any]:
    """What a page of an entry shows of its papers: those there are, and those that may be issued. 1 query."""
    there = list(Paper.objects.visible_to(user).filter(**{column_of(subject): subject}).order_by("pk"))
    valid = {paper.kind for paper in there if paper.voided_on is None}
    offered = [kind for kind in kinds_for(subject) if kind not in valid]
    may_issue = stands and may(user, Verb.ISSUE_PAPER, unit_id)
    return {"rows": there, "kinds": [(kind.value, kind.label) for kind in offered] if may_issue else [], "url": url}
