"""What a report begins with: the draft that was kept, or one filled with what is usual."""

from __future__ import annotations

from hkh.core.dates import today
from hkh.core.papers.content import Letterhead
from hkh.indicators.lens import Lens
from hkh.reports.models import ReportDraft
from hkh.reports.periodic import Words
from members.models import Grant, Role, Unit

#: Who gets the report of a province or commune, by custom.
_RECIPIENTS = "\n".join(
    (
        "Hội Khuyến học cấp trên",
        "Thường trực cấp ủy, UBND cùng cấp",
        "Ủy ban MTTQ cùng cấp",
        "Các Ủy viên Ban Chấp hành",
    )
)
_PLACE_WORDS = ("Tỉnh ", "Thành phố ", "Thị xã ", "Huyện ", "Xã ", "Phường ", "Thị trấn ")


def draft_of(lens: Lens) -> ReportDraft:
    """The kept draft of ``lens``, or an unsaved one with the usual frame. One query, or four."""
    kept = ReportDraft.unscoped.filter(unit=lens.unit, period=lens.period.code).select_related("unit").first()
    if kept is not None:
        return kept
    day = min(today(), lens.last_day)
    return ReportDraft(
        unit=lens.unit,
        period=lens.period.code,
        place=_place(lens.unit),
        day=max(day, today()),
        parent_body=lens.unit.parent.name if lens.unit.parent else "Hội Khuyến học Việt Nam",
        recipients=_RECIPIENTS,
        signer=_chair(lens.unit),
    )


def letterhead(draft: ReportDraft) -> Letterhead:
    return Letterhead(
        parent_body=draft.parent_body,
        body=draft.unit.name,
        number=draft.number,
        place=draft.place,
        day=draft.day,
        recipients=[line.strip() for line in draft.recipients.splitlines() if line.strip()],
        on_behalf=draft.on_behalf,
        signer_title=draft.signer_title,
        signer=draft.signer,
    )


def words(draft: ReportDraft) -> Words:
    return Words(draft.advice, draft.learning_society, draft.emulation, draft.shortcomings, draft.directions)


def _place(unit: Unit) -> str:
    """The name of the unit's place without its rank: "Phú Thọ"."""
    name = unit.place.name if unit.place else unit.name
    for word in _PLACE_WORDS:
        name = name.removeprefix(word)
    return name[:60]


def _chair(unit: Unit) -> str:
    grant = Grant.objects.filter(unit=unit, role=Role.CHAIR, valid_until=None).select_related("user").first()
    return grant.user.full_name if grant else ""
