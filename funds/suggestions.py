"""What the open lines of a bank statement probably are. Proposals only: somebody confirms each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from funds.models import Appeal, BankAccount, BankLine, Donation, Donor, Fund, PledgeInstalment
from funds.queries import appeals_for
from funds.queries.pledges import with_kept
from funds.queries.statements import unmatched_transfers
from hkh.core.dates import today
from hkh.core.text import search_key

#: A gift typed in by hand may bear the day of the slip, not of the bank.
NEAR = timedelta(days=4)
#: A name shorter than this stands in too many descriptions by chance.
SHORTEST_NAME = 8
_INTEREST = ("lai tien gui", "tra lai", "lai nhap goc", "interest")


@dataclass(frozen=True)
class Suggestion:
    """``kind``: *gift* (of ``donor`` to ``fund``), *recorded* (it is ``donation``), *interest*, *out* (money that left)
    or *unknown* (somebody must say who gave). ``why`` is what it rests on; ``instalment`` is what the gift
    would keep of a promise of this donor, to the đồng."""

    kind: Literal["gift", "recorded", "interest", "out", "unknown"]
    fund: Fund
    donor: Donor | None = None
    appeal: Appeal | None = None
    donation: Donation | None = None
    why: str = ""
    instalment: PledgeInstalment | None = None


def suggest(
    account: BankAccount, lines: Sequence[BankLine], *, donors: QuerySet[Donor], donations: QuerySet[Donation]
) -> dict[int, Suggestion]:
    """{line id: suggestion} for ``lines`` of ``account``. 6 queries, however many lines; 7 where donors are proposed.

    ``donors`` and ``donations`` are what the user sees: nobody is proposed a name that is not his to see.
    """
    funds = list(Fund.unscoped.filter(unit=account.unit_id, closed_on=None).order_by("pk"))
    recorded = _recorded(account, lines, donations)
    known = _donors_of_parties(account, lines, donors)
    named = _donors_in_texts(account, [line for line in lines if line.pk not in known], donors)
    appeals = list(appeals_for(account.unit, open_since=min((line.occurred_on for line in lines), default=today())))
    found = {
        line.pk: _one(line, account, funds, appeals, recorded.get(line.pk), known.get(line.pk), named.get(line.pk))
        for line in lines
    }
    promised = _promised(account, lines, found)
    return {pk: replace(one, instalment=promised.get(pk)) for pk, one in found.items()}


def _one(
    line: BankLine,
    account: BankAccount,
    funds: Sequence[Fund],
    appeals: Sequence[Appeal],
    recorded: Donation | None,
    known: Donor | None,
    named: Donor | None,
) -> Suggestion:
    said = search_key(f"{line.description} {line.reference}")
    fund = next((fund for fund in funds if search_key(fund.code) in said.split()), account.fund)
    if line.amount_vnd < 0:
        return Suggestion("out", fund)
    if recorded is not None:
        why = _("Same amount, a bank transfer, %(days)s day(s) apart") % {
            "days": abs((recorded.received_on - line.occurred_on).days)
        }
        return Suggestion("recorded", fund, donor=recorded.donor, donation=recorded, why=why)
    if any(word in said for word in _INTEREST):
        return Suggestion("interest", fund, why=_("The bank calls it interest"))
    appeal = next((one for one in appeals if _fits(one, line) and search_key(one.name) in said), None)
    if known is not None:
        return Suggestion("gift", fund, donor=known, appeal=appeal, why=_("Gave from this account before"))
    if named is not None:
        return Suggestion("gift", fund, donor=named, appeal=appeal, why=_("The name stands in the bank's text"))
    return Suggestion("unknown", fund, appeal=appeal)


def _fits(appeal: Appeal, line: BankLine) -> bool:
    return appeal.opens_on <= line.occurred_on and (appeal.closes_on is None or line.occurred_on < appeal.closes_on)


def _recorded(account: BankAccount, lines: Sequence[BankLine], donations: QuerySet[Donation]) -> Mapping[int, Donation]:
    """The gift that somebody had recorded already, nearest in days; each for one line at most. 1 query."""
    if not lines:
        return {}
    days = [line.occurred_on for line in lines]
    candidates = list(
        unmatched_transfers(donations, account)
        .filter(
            whole_vnd__in={line.amount_vnd for line in lines},
            received_on__gte=min(days) - NEAR,
            received_on__lte=max(days) + NEAR,
        )
        .select_related("donor", "split")
    )
    found: dict[int, Donation] = {}
    for line in lines:
        near = [one for one in candidates if one.whole_vnd == line.amount_vnd and _apart(one, line) <= NEAR]
        if near:
            best = min(near, key=lambda one: (_apart(one, line), one.pk))
            candidates.remove(best)
            found[line.pk] = best
    return found


def _promised(
    account: BankAccount, lines: Sequence[BankLine], found: Mapping[int, Suggestion]
) -> Mapping[int, PledgeInstalment]:
    """The open instalment of the donor proposed that comes to the line's amount, the first due; each for one line at
    most. 1 query, none without donors."""
    givers: dict[int, Donor] = {
        pk: one.donor for pk, one in found.items() if one.kind == "gift" and one.donor is not None
    }
    if not givers:
        return {}
    ids = {donor.pk for donor in givers.values()}
    dues = with_kept(
        PledgeInstalment.unscoped.filter(
            Q(pledge__donor__in=ids) | Q(pledge__donor__merged_into__in=ids),
            pledge__unit=account.unit_id,
            pledge__cancelled_on=None,
        )
    )
    still_open = list(
        dues.filter(kept_vnd__lt=F("amount_vnd")).select_related("pledge__donor").order_by("due_on", "pk")
    )
    kept: dict[int, PledgeInstalment] = {}
    for line in lines:
        giver = givers.get(line.pk)
        if giver is None:
            continue
        for due in still_open:
            card = due.pledge.donor
            if giver.pk in (card.pk, card.merged_into_id) and due.amount_vnd - due.kept_vnd == line.amount_vnd:
                still_open.remove(due)
                kept[line.pk] = due
                break
    return kept


def _apart(donation: Donation, line: BankLine) -> timedelta:
    return abs(donation.received_on - line.occurred_on)


def _donors_of_parties(account: BankAccount, lines: Sequence[BankLine], donors: QuerySet[Donor]) -> Mapping[int, Donor]:
    """Who gave from the same account of another bank before, the last one. 2 queries."""
    numbers = {line.party_account for line in lines if line.party_account}
    past = (
        BankLine.unscoped.filter(account__unit=account.unit_id, party_account__in=numbers, donation__isnull=False)
        .order_by("occurred_on", "pk")
        .values_list("party_account", "donation__donor")
    )
    last = dict(past) if numbers else {}
    seen = {donor.pk: donor for donor in donors.filter(pk__in=set(last.values()))} if last else {}
    return {line.pk: seen[last[line.party_account]] for line in lines if last.get(line.party_account) in seen}


def _donors_in_texts(account: BankAccount, lines: Sequence[BankLine], donors: QuerySet[Donor]) -> Mapping[int, Donor]:
    """Who is the other party by name, or whose whole name stands in the bank's text; the longest name. 2 queries.

    Among the donors that the account's unit knows: in the whole province namesakes would be many.
    """
    texts = {line.pk: f" {search_key(f'{line.party} {line.description}')} " for line in lines}
    if not texts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (said.line) said.line, donor.id
            FROM unnest(%s::bigint[], %s::text[]) AS said(line, words)
            JOIN funds_donor donor ON donor.unit_id = %s AND length(donor.search_key) >= %s
             AND position(' ' || donor.search_key || ' ' IN said.words) > 0
            ORDER BY said.line, length(donor.search_key) DESC, donor.id
            """,
            [list(texts), list(texts.values()), account.unit_id, SHORTEST_NAME],
        )
        found = dict(cursor.fetchall())
    seen = {donor.pk: donor for donor in donors.filter(pk__in=set(found.values()))}
    return {line: seen[donor] for line, donor in found.items() if donor in seen}
