"""Work of the register done by the worker."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import slugify
from django.urls import reverse
from django.utils.translation import gettext as _

from hkh.core.jobs import JobContext, JobRefused, job
from hkh.core.money import format_number
from hkh.core.pdf import MIME_TYPE
from hkh.core.text import search_key
from members.actions.cards import CARDS_A_DOCUMENT, MOST_CARDS, give_card_numbers
from members.cards import Card, CardState, carriers
from members.cards.printing import render_sheet
from members.duplicates import find_duplicates
from members.models import Membership, Unit
from members.rules import Verb, may, may_somewhere
from members.tables import born

#: Unit by unit, names in the Vietnamese order: so the cards come out as they are handed on.
_ORDER = ("unit__title_key", "unit", "member__sort_key", "member")


@job("members.cards")
def cards(context: JobContext, *, unit: str, state: str, gives_numbers: bool, address: str) -> dict[str, Any]:
    """Sheets of cards, so many a document; numbers given on the way hold only if all documents are made."""
    found = Unit.objects.visible_to(context.by).filter(code=unit).first()
    if found is None or not may(context.by, Verb.EDIT_MEMBER, found):
        raise JobRefused(_("You may no longer make cards of this unit."))
    rows = carriers(found, state).select_related("member", "unit")
    rows = rows.order_by(*_ORDER)
    people = list(rows[: MOST_CARDS + 1])
    if len(people) > MOST_CARDS:
        raise JobRefused(_("There are more than %(most)s such members by now. Choose a unit below.") % _most())
    given = 0
    if gives_numbers and any(not row.member.card_number for row in people):
        context.progress(2, _("Giving numbers"))
        given = give_card_numbers(unit=found, by=context.by)
        still = carriers(found, CardState.ALL).filter(pk__in=[row.pk for row in people])
        people = list(still.select_related("member", "unit").order_by(*_ORDER))
    made = [_card(row) for row in people if row.member.card_number]
    if not made:
        raise JobRefused(_("No member here is like that any more: there is no card to make."))
    _make(context, made, found, address)
    return {"unit": found.code, "cards": len(made), "numbers": given}


def _make(context: JobContext, made: list[Card], unit: Unit, address: str) -> None:
    name = slugify(search_key(f"the-hoi-vien {unit.code}"))
    starts = range(0, len(made), CARDS_A_DOCUMENT)
    for number, start in enumerate(starts, start=1):
        part = made[start : start + CARDS_A_DOCUMENT]
        said = {
            "from": format_number(start + 1),
            "to": format_number(start + len(part)),
            "all": format_number(len(made)),
        }
        context.progress(5 + 90 * start / len(made), _("Cards %(from)s to %(to)s of %(all)s") % said)
        title = _("Membership cards of %(unit)s") % {"unit": unit.name}
        pdf = render_sheet(part, address=address, title=title)
        suffix = f"-{number}" if len(starts) > 1 else ""
        context.keep_file(name=f"{name}{suffix}.pdf", content=pdf, content_type=MIME_TYPE)


def _card(row: Membership) -> Card:
    member = row.member
    return Card(
        member_id=member.pk,
        number=member.card_number,
        full_name=member.full_name,
        born=born(member),
        unit=row.unit.name,
        since=row.joined_on,
    )


def _most() -> dict[str, str]:
    return {"most": format_number(MOST_CARDS)}


@job("members.duplicates")
def duplicates(context: JobContext) -> dict[str, Any]:
    """Look for people entered twice, in the whole register; each sees in the queue what stands in his or her scope."""
    if context.by is None or not may_somewhere(context.by, Verb.EDIT_MEMBER):
        raise JobRefused(_("You may no longer work on the register."))
    found = find_duplicates(
        lambda step, steps: context.progress(100 * step / steps, _("Comparing names, births, telephones"))
    )
    page = reverse("members:duplicate-list")
    return {"people": found.people, "compared": found.compared, "page": page}
