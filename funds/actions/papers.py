"""Papers: issued with the next number of their series, voided with the reason, issued anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.models import Paper, PaperKind, PaperSeries
from funds.papers import Subject, Told, column_of, kinds_for, told_of
from hkh.core import jobs
from hkh.core.dates import format_date
from hkh.core.models import Job
from hkh.core.money import format_number
from hkh.core.text import clean
from hkh.core.violations import refusals, sentence_for
from members.models import User
from members.rules import Verb, require

#: So many papers one document holds, for the time and the memory that a page takes.
MOST_PAPERS = 1_000


def issue_paper(*, kind: PaperKind | str, subject: Subject, on: date, by: User) -> Paper:
    """The valid paper of ``kind`` about ``subject``: the one there is, or a new one dated ``on``.

    Raises: Http404, PermissionDenied; ValidationError where no such paper is issued for it, or not on that day.
    """
    return issue_papers(kind=kind, subjects=[subject], on=on, by=by)[0]


def issue_papers(*, kind: PaperKind | str, subjects: Sequence[Subject], on: date, by: User) -> list[Paper]:
    """A valid paper of ``kind`` for each of ``subjects`` (all of one sort), in their order; those there are stay.

    New ones take the next numbers of their unit, kind and year, whoever else issues at the moment: all, or none.
    8 queries, and one or two a unit for the right to it, whatever the number. Raises: as ``issue_paper``.
    """
    kind = PaperKind(kind)
    told = [told_of(subject) for subject in subjects]
    for unit_id in {one.unit_id for one in told}:
        require(by, Verb.ISSUE_PAPER, unit_id)
    if any(kind not in kinds_for(subject) for subject in subjects):
        raise ValidationError(sentence_for("paper_fits"), code="paper_fits")
    with refusals():
        return _issue(kind, subjects, told, on=on, by=by)


def void_paper(*, paper: Paper, reason: str, on: date, by: User) -> Paper:
    """The paper no longer valid, once, with the reason. Its number stays its own, its page says that it is void.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.VOID_PAPER, paper.unit_id)
    with refusals():
        return _void(paper, reason=reason, on=on, by=by)


def reissue_paper(*, paper: Paper, reason: str, on: date, by: User) -> Paper:
    """A new paper about the same, with a number of its own, in place of ``paper``, which is voided: both, or nothing.

    It says what the books and the donor's card say today. Raises: as ``void_paper`` and ``issue_paper``.
    """
    require(by, Verb.VOID_PAPER, paper.unit_id)
    require(by, Verb.ISSUE_PAPER, paper.unit_id)
    with refusals():
        _void(paper, reason=reason, on=on, by=by)
        subject = paper.subject
        return _issue(PaperKind(paper.kind), [subject], [told_of(subject)], on=on, by=by, replaces=paper)[0]


def ask_for_papers(*, papers: Sequence[Paper], address: str, key: str, by: User) -> Job:
    """Have ``papers`` set in one document by the worker; the same ``key`` asks once. ``address`` is where this
    installation is reached: it stands on the papers.

    Raises: ValidationError for none, too many, or papers of several kinds.
    """
    check_number(len(papers))
    if len({paper.kind for paper in papers}) > 1:
        raise ValidationError(_("A document holds papers of one kind. Choose the kind."), code="paper_kinds")
    first = papers[0]
    title = str(first.get_kind_display()) if len(papers) > 1 else f"{first.get_kind_display()} {first.sign}"
    ids = [paper.pk for paper in papers]
    return jobs.enqueue("funds.papers", by=by, key=key, title=title, papers=ids, address=address)


def check_number(count: int) -> None:
    """Raises: ValidationError where a document of so many papers is not made."""
    if not count:
        raise ValidationError(_("There is nothing here to issue such a paper for."), code="paper_none")
    if count > MOST_PAPERS:
        raise ValidationError(
            _("At most %(most)s papers are made at once. Narrow the list first."),
            code="paper_many",
            params={"most": format_number(MOST_PAPERS)},
        )


def _issue(
    kind: PaperKind,
    subjects: Sequence[Subject],
    told: Sequence[Told],
    *,
    on: date,
    by: User,
    replaces: Paper | None = None,
) -> list[Paper]:
    series = _locked_series(kind, sorted({one.unit_id for one in told}), on.year)
    # Asked with the series in hand: whoever issued the same at this moment is done.
    there = _valid(kind, subjects)
    next_number = {unit_id: row.last_number for unit_id, row in series.items()}
    new: list[Paper] = []
    for subject, one in zip(subjects, told, strict=True):
        about = one.column, subject.pk
        if about in there:
            continue
        next_number[one.unit_id] += 1
        there[about] = _paper(kind, subject, one, number=next_number[one.unit_id], on=on, by=by, replaces=replaces)
        new.append(there[about])
    Paper.unscoped.bulk_create(new)
    return [there[one.column, subject.pk] for subject, one in zip(subjects, told, strict=True)]


def _paper(
    kind: PaperKind, subject: Subject, told: Told, *, number: int, on: date, by: User, replaces: Paper | None
) -> Paper:
    return Paper(
        unit_id=told.unit_id,
        kind=kind,
        year=on.year,
        number=number,
        issued_on=on,
        amount_vnd=told.amount_vnd,
        unit_name=told.unit_name,
        party=told.party,
        address=told.address,
        reason=told.reason,
        issued_by=by,
        replaces=replaces,
        **{told.column: subject},
    )


def _valid(kind: PaperKind, subjects: Sequence[Subject]) -> dict[tuple[str, int], Paper]:
    """The valid papers of ``kind`` by what they are about: column and key. 1 query for each sort of subject."""
    by_column: defaultdict[str, list[int]] = defaultdict(list)
    for subject in subjects:
        by_column[column_of(subject)].append(subject.pk)
    found: dict[tuple[str, int], Paper] = {}
    for column, keys in by_column.items():
        rows = Paper.unscoped.filter(kind=kind, voided_on=None, **{f"{column}__in": keys})
        found |= {(column, getattr(row, f"{column}_id")): row for row in rows}
    return found


def _locked_series(kind: PaperKind, units: Sequence[int], year: int) -> dict[int, PaperSeries]:
    """The series of these units, begun where there is none yet, locked in the order of ids. At most 3 queries."""
    rows = PaperSeries.unscoped.filter(kind=kind, year=year, unit__in=units)
    missing = set(units) - set(rows.values_list("unit", flat=True))
    if missing:
        PaperSeries.unscoped.bulk_create(
            [PaperSeries(unit_id=unit_id, kind=kind, year=year) for unit_id in sorted(missing)], ignore_conflicts=True
        )
    return {row.unit_id: row for row in rows.select_for_update(no_key=True).order_by("unit")}


def _void(paper: Paper, *, reason: str, on: date, by: User) -> Paper:
    held = Paper.unscoped.select_for_update(no_key=True).get(pk=paper.pk)
    if held.voided_on is not None:
        raise ValidationError(
            _("This paper was voided already, on %(day)s."),
            code="paper_void_once",
            params={"day": format_date(held.voided_on)},
        )
    held.voided_on, held.voided_by, held.void_reason = on, by, clean(reason)
    held.save(update_fields=["voided_on", "voided_by", "void_reason"])
    return held
