"""Every door there is, tried by everybody: signed out, in scope and out of scope, role by role.

The doors come from the URLconf itself. A new one fails until it stands in ``DOORS``: who may go through it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from funds.actions import (
    approve_voucher,
    issue_goods,
    issue_paper,
    open_appeal,
    prepare_voucher,
    record_appeal_decision,
    record_batch,
    record_donation,
    record_pledge,
)
from funds.models import AppealKind, Closing, DonationForm, StockItem
from hkh.core.jobs import keep_file
from hkh.core.models import Job
from hkh.decisions.actions import add_change, apply_decision, draft_decision, preview_decision
from members.actions import merge_members
from members.models import Appointment, ChangeKind, DuplicatePair, Recognition, Role, User
from members.rules import MATRIX, Verb
from tests import cast
from tests.funds.statements.rows import make_bank_account, make_bank_line
from tests.indicators.test_queries import admit
from tests.scholarships.rows import hand_out, make_approved, make_programme, make_round

EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Things:
    """One thing of each kind, all of the commune ``here``."""

    them: cast.Cast
    kwargs: dict[str, dict[str, Any]]
    query: dict[str, str]


@dataclass(frozen=True)
class Door:
    """``thing`` names what the address is about; ``verb`` what one must be able to do there (None: see it).

    ``verbs`` are needed all together, or, where ``either``, one of them. A door without a thing takes its unit from
    ``?unit=`` where ``has_unit``.
    """

    thing: str = ""
    verbs: tuple[Verb, ...] = ()
    has_unit: bool = False
    either: bool = False
    posts_only: bool = False
    #: For whoever has the right in any unit at all.
    anywhere: bool = False
    query: str = ""

    @property
    def roles(self) -> frozenset[Role]:
        allowed = [MATRIX[verb] for verb in self.verbs]
        if self.either:
            return frozenset().union(*allowed)
        return EVERYBODY.intersection(*allowed)


def of(thing: str, *verbs: Verb, **facts: Any) -> Door:
    return Door(thing, verbs, **facts)


def in_unit(*verbs: Verb, **facts: Any) -> Door:
    return Door("", verbs, has_unit=True, **facts)


#: Doors for whoever comes.
OPEN_TO_ALL = {"members:card-check", "funds:paper-check", "login", "set_language", "core:preference-set"}

#: Doors for whoever is signed in, the same for all.
SIGNED_IN = {
    "logout": Door(posts_only=True),
    "password_change": Door(),
    "password_change_done": Door(),
    "core:style-page": Door(),
    "core:style-search": Door(),
    "core:style-chart": Door(),
    "core:style-progress": Door(),
    "core:amount-words": Door(query="so=1500000"),
    "core:job-list": Door(),
    "imports:sheet-list": Door(),
    "imports:run-list": Door(),
}

#: Doors to what is one's own alone.
OWN = {
    "core:job-status": "job",
    "core:job-cancel": "job",
    "core:file-download": "file",
    "funds:statement-columns": "file",
    "funds:statement-confirm": "file",
}
OWN |= {f"imports:run-{what}": "run" for what in ("detail", "match", "sheet", "confirm", "discard", "undo", "progress")}

DOORS: dict[str, Door] = {
    "core:list-export": of("list", has_unit=True),
    "imports:run-add": of("sheet", Verb.EDIT_MEMBER, anywhere=True),
    "imports:template": of("sheet", Verb.EDIT_MEMBER, anywhere=True),
    "dashboard:my-work": in_unit(),
    "dashboard:overview": in_unit(),
    "dashboard:consolidation": in_unit(),
    "dashboard:chart": of("chart", has_unit=True),
    "dashboard:sparkline": of("series", has_unit=True),
    "reports:report-room": in_unit(),
    "reports:report-preview": in_unit(),
    "funds:overview": in_unit(),
    "funds:fund-list": in_unit(),
    "funds:fund-add": in_unit(Verb.MANAGE_FUNDS),
    "funds:fund-search": Door(),
    "funds:coverage": in_unit(),
    "funds:board-edit": of("fund", Verb.MANAGE_FUNDS),
    "funds:fund-detail": of("fund"),
    "funds:fund-edit": of("fund", Verb.MANAGE_FUNDS),
    "funds:fund-close": of("fund", Verb.MANAGE_FUNDS),
    "funds:target-search": Door(),
    "funds:entry-add": of("fund", Verb.PREPARE_SPENDING),
    "funds:transfer-add": in_unit(Verb.PREPARE_SPENDING),
    "funds:account-books": in_unit(),
    "funds:limit-set": in_unit(Verb.APPROVE_SPENDING),
    "funds:closing-list": in_unit(),
    "funds:closing-reopen": of("closing", Verb.REOPEN_BOOKS),
    "funds:voucher-list": in_unit(),
    "funds:voucher-detail": of("voucher"),
    "funds:voucher-approve": of("voucher", Verb.APPROVE_SPENDING),
    "funds:voucher-refuse": of("voucher", Verb.APPROVE_SPENDING),
    "funds:voucher-withdraw": of("voucher", Verb.PREPARE_SPENDING),
    "funds:voucher-reverse": of("voucher", Verb.APPROVE_SPENDING),
    "funds:transfer-confirm": of("transfer", Verb.RECEIVE_TRANSFER),
    "funds:transfer-return": of("transfer", Verb.RECEIVE_TRANSFER),
    "funds:donation-list": in_unit(),
    "funds:donation-add": in_unit(Verb.RECORD_DONATION),
    "funds:donation-detail": of("donation"),
    "funds:donation-correct": of("donation", Verb.VOID_DONATION, Verb.RECORD_DONATION),
    "funds:donation-void": of("donation", Verb.VOID_DONATION),
    "funds:donation-paper": of("donation", Verb.ISSUE_PAPER, posts_only=True),
    "funds:voucher-paper": of("voucher", Verb.ISSUE_PAPER, posts_only=True),
    "funds:papers-make": in_unit(Verb.ISSUE_PAPER, posts_only=True),
    "funds:paper-detail": of("paper"),
    "funds:paper-print": of("paper", posts_only=True),
    "funds:paper-void": of("paper", Verb.VOID_PAPER),
    "funds:batch-add": in_unit(Verb.RECORD_DONATION),
    "funds:batch-draft": in_unit(Verb.RECORD_DONATION),
    "funds:batch-detail": of("batch"),
    "funds:pledge-list": in_unit(),
    "funds:pledge-add": in_unit(Verb.RECORD_DONATION),
    "funds:pledge-detail": of("pledge"),
    "funds:pledge-match": of("pledge", Verb.RECORD_DONATION),
    "funds:stock-list": in_unit(),
    "funds:stock-detail": of("stock"),
    "funds:stock-issue": of("stock", Verb.ISSUE_GOODS),
    "funds:donor-list": in_unit(),
    "funds:donor-add": in_unit(Verb.EDIT_DONOR),
    "funds:donor-duplicates": in_unit(Verb.EDIT_DONOR),
    "funds:donor-merge": of("donor", Verb.EDIT_DONOR),
    "funds:donor-unmerge": of("donor", Verb.EDIT_DONOR),
    "funds:donor-apart": of("donor", Verb.EDIT_DONOR),
    "funds:honour-roll": in_unit(),
    "funds:honour-levels": in_unit(Verb.MANAGE_FUNDS),
    "funds:donor-search": Door(),
    "funds:member-search": Door(),
    "funds:donor-gifts": Door(),
    "funds:donor-detail": of("donor"),
    "funds:donor-edit": of("donor", Verb.EDIT_DONOR),
    "funds:statement-list": in_unit(),
    "funds:statement-add": in_unit(Verb.RECORD_DONATION),
    "funds:bank-account-add": in_unit(Verb.MANAGE_FUNDS),
    "funds:bank-account-edit": of("bank_account", Verb.MANAGE_FUNDS),
    "funds:bank-line-list": of("bank_account"),
    "funds:bank-line-detail": of("bank_line"),
    "funds:paper-list": in_unit(),
    "funds:lot-paper": of("lot", Verb.ISSUE_PAPER, posts_only=True),
    "funds:bank-line-gift": of("bank_line", Verb.RECORD_DONATION),
    "funds:bank-line-confirm": of("bank_account", Verb.RECORD_DONATION, posts_only=True),
    "funds:bank-line-set-aside": of("bank_line", Verb.RECORD_DONATION, posts_only=True),
    "funds:bank-line-match": of("bank_line", Verb.RECORD_DONATION, posts_only=True),
    "funds:appeal-list": in_unit(),
    "funds:appeal-add": in_unit(Verb.MANAGE_APPEALS),
    "funds:appeal-detail": of("appeal"),
    "funds:appeal-chart": of("appeal"),
    "funds:appeal-edit": of("appeal", Verb.MANAGE_APPEALS),
    "funds:appeal-decision-add": of("appeal", Verb.MANAGE_APPEALS),
    "funds:appeal-decision-withdraw": of("appeal_decision", Verb.MANAGE_APPEALS),
    "members:unit-list": in_unit(),
    "members:unit-search": Door(),
    "members:tier-list": in_unit(),
    "members:place-search": Door(),
    "members:unit-detail": of("unit"),
    "members:unit-add": of("unit", Verb.EDIT_UNIT),
    "members:unit-edit": of("unit", Verb.EDIT_UNIT),
    "members:unit-rename": of("unit", Verb.EDIT_UNIT),
    "members:unit-move": of("unit", Verb.REORGANISE),
    "members:unit-dissolve": of("unit", Verb.REORGANISE),
    "members:card-list": of("unit", Verb.EDIT_MEMBER),
    "members:headcount-history": of("unit"),
    "members:headcount-declare": of("unit", Verb.DECLARE),
    "members:title-declare": of("unit", Verb.DECLARE),
    "declared:headcount-page": in_unit(),
    "declared:headcount-units": in_unit(),
    "declared:title-page": in_unit(),
    "members:member-list": in_unit(),
    "members:member-add": in_unit(Verb.EDIT_MEMBER),
    "members:member-detail": of("member"),
    "members:member-edit": of("member", Verb.EDIT_MEMBER),
    "members:member-transfer": of("member", Verb.EDIT_MEMBER),
    "members:member-end": of("member", Verb.EDIT_MEMBER),
    "members:member-readmit": of("member", Verb.EDIT_MEMBER),
    "decisions:decision-list": in_unit(),
    "decisions:decision-add": in_unit(Verb.REORGANISE),
    "decisions:decision-detail": of("decision"),
    "decisions:decision-edit": of("draft", Verb.REORGANISE),
    "decisions:decision-discard": of("draft", Verb.REORGANISE),
    "decisions:decision-file": of("decision"),
    "decisions:unit-search": of("draft", Verb.REORGANISE),
    "decisions:change-add": of("change", Verb.REORGANISE),
    "decisions:sheet-add": of("draft", Verb.REORGANISE),
    "decisions:sheet-template": of("draft", Verb.REORGANISE),
    "decisions:change-remove": of("draft", Verb.REORGANISE, posts_only=True),
    "decisions:changes-clear": of("draft", Verb.REORGANISE),
    "decisions:decision-preview": of("draft", Verb.REORGANISE),
    "decisions:decision-apply": of("draft", Verb.REORGANISE, posts_only=True),
    "decisions:decision-unschedule": of("draft", Verb.REORGANISE),
    "decisions:decision-undo": of("decision", Verb.REORGANISE),
    "decisions:decision-redraft": of("draft", Verb.REORGANISE, posts_only=True),
    "decisions:protocol-ask": of("decision"),
    "members:member-history": of("member"),
    "members:member-appoint": of("member", Verb.APPOINT),
    "members:recognition-add": of("member", Verb.EDIT_MEMBER),
    "members:recognition-remove": of("recognition", Verb.EDIT_MEMBER),
    "members:member-merge-with": of("member", Verb.EDIT_MEMBER),
    "members:member-merge": of("two_members", Verb.EDIT_MEMBER),
    "members:member-search": in_unit(),
    "members:merge-detail": of("merge", Verb.EDIT_MEMBER),
    "members:office-list": in_unit(),
    "members:office-add": of("unit", Verb.APPOINT),
    "members:office-edit": of("office", Verb.APPOINT),
    "members:office-end": of("office", Verb.APPOINT),
    "members:duplicate-list": in_unit(),
    "members:duplicate-find": in_unit(Verb.EDIT_MEMBER, posts_only=True),
    "members:duplicate-decide": of("pair", Verb.EDIT_MEMBER, posts_only=True),
    "scholarships:round-list": in_unit(),
    "scholarships:round-add": in_unit(Verb.OPEN_ROUND),
    "scholarships:round-detail": of("round"),
    "scholarships:round-edit": of("round", Verb.OPEN_ROUND),
    "scholarships:round-close": of("round", Verb.OPEN_ROUND),
    "scholarships:round-reopen": of("round", Verb.OPEN_ROUND),
    "scholarships:award-propose": of("round", Verb.PROPOSE_AWARDS),
    "scholarships:unit-search": of("round", Verb.PROPOSE_AWARDS),
    "scholarships:award-approve": of("round", Verb.APPROVE_AWARDS),
    "scholarships:award-cancel": of("round", Verb.APPROVE_AWARDS, Verb.PROPOSE_AWARDS, either=True),
    "scholarships:distribution-list": in_unit(),
    "scholarships:distribution-add": in_unit(Verb.RECORD_DISTRIBUTION),
    "scholarships:distribution-detail": of("distribution"),
    "scholarships:distribution-void": of("distribution", Verb.VOID_DISTRIBUTION),
    "scholarships:distribution-trace": of("distribution"),
    "scholarships:round-trace": of("round"),
    "scholarships:gift-trace": of("donation"),
    "scholarships:donor-trace": of("donor"),
}

pytestmark = pytest.mark.django_db


def doors(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[str]:
    """The names of all doors but those of Django's admin, which is one door of its own."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            if pattern.namespace != "admin":
                yield from doors(pattern.url_patterns, inner)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield f"{space}{pattern.name}"


@pytest.fixture
def things() -> Things:
    them = cast.a_province()
    admit(them.branch, 3, date(2024, 1, 2))
    fund = cast.make_fund(them.here, holds_vnd=9_000_000)
    donor = cast.make_donor(them.here)
    donation = record_donation(
        unit=them.here,
        fund=fund,
        donor=donor,
        amount_vnd=100_000,
        received_on=date(2024, 1, 5),
        form=DonationForm.CASH,
        by=them.clerk,
    )
    appeal = open_appeal(
        unit=them.here,
        kind=AppealKind.YEARLY,
        name="Vì em",
        purpose="Sách vở",
        opens_on=date(2024, 1, 1),
        closes_on=None,
        target_vnd=None,
        by=them.chair,
    )
    record_donation(
        unit=them.here,
        fund=fund,
        donor=donor,
        amount_vnd=100_000,
        received_on=date(2024, 1, 5),
        form=DonationForm.IN_KIND,
        goods="Gạo",
        by=them.clerk,
    )
    kept = cast.make_fund(them.here, "Quỹ vì em", is_restricted=True, purpose="Tết", holds_vnd=100_000)
    with_fund = open_appeal(
        unit=them.here, kind="yearly", name="Tết", opens_on=date(2024, 1, 1), fund=kept, by=them.chair
    )
    decision = record_appeal_decision(
        appeal=with_fund,
        number="1/QĐ",
        decided_on=date(2024, 1, 5),
        signed_by="An",
        purpose="Sách",
        amount_vnd=50_000,
        by=them.chair,
    )
    batch = record_batch(
        unit=them.here,
        gifts=[
            {
                "unit": them.here,
                "donor": donor,
                "fund": fund,
                "amount_vnd": 1,
                "received_on": date(2024, 1, 5),
                "form": "cash",
            }
        ],
        control_count=1,
        control_vnd=1,
        by=them.clerk,
    )
    bank_account = make_bank_account(fund)
    day = date(2024, 1, 5)
    item = StockItem.unscoped.get(fund=fund)
    lot = issue_goods(item=item, unit=them.branch, quantity=Decimal("0.1"), on=day, by=them.accountant)
    pledge = record_pledge(
        unit=them.here, donor=donor, pledged_on=day, amount_vnd=5, instalments=[(day, 5)], by=them.clerk
    )
    make_programme()
    round_ = make_round(fund)
    distribution = hand_out(round_, (make_approved(round_), 2))
    voucher = prepare_voucher(
        kind="expense", fund=fund, amount_vnd=50_000, occurred_on=date(2024, 1, 6), by=them.accountant
    )
    transfer = prepare_voucher(
        kind="transfer",
        fund=fund,
        target_fund=cast.make_fund(them.branch),
        amount_vnd=70_000,
        occurred_on=date(2024, 1, 6),
        by=cast.a_hand("prepares"),
    )
    closing = Closing.unscoped.create(unit=them.here, period="2001-Q4", ends_before=date(2002, 1, 1))
    member, second, third = (row.member for row in them.branch.memberships.order_by("pk").select_related("member"))
    office = Appointment.unscoped.create(
        unit=them.here, member=member, position="secretary", valid_from=date(2024, 1, 5)
    )
    pair = DuplicatePair.unscoped.create(
        first=member, second=second, score=80, likenesses=["name"], found_at=timezone.now()
    )
    merge = merge_members(kept=member, gone=third, revisions=(1, 1), take=(), gone_line_stands=False, by=them.clerk)
    pk = {
        "closing": closing.pk,
        "voucher": voucher.pk,
        "transfer": approve_voucher(voucher=transfer, by=cast.a_hand("approves")).pk,
        "office": office.pk,
        "recognition": Recognition.unscoped.create(member=member, kind="citizen", year=2023).pk,
        "pair": pair.pk,
        "merge": merge.pk,
        "fund": fund.pk,
        "donor": donor.pk,
        "donation": donation.pk,
        "paper": issue_paper(kind="receipt", subject=donation, on=day, by=them.clerk).pk,
        "appeal": appeal.pk,
        "appeal_decision": decision.pk,
        "batch": batch.pk,
        "pledge": pledge.pk,
        "stock": item.pk,
        "lot": lot.pk,
        "bank_account": bank_account.pk,
        "bank_line": make_bank_line(bank_account, 100_000, by=them.clerk).pk,
        "round": round_.pk,
        "distribution": distribution.pk,
        "member": member.pk,
    }
    named: dict[str, dict[str, Any]] = {thing: {"pk": key} for thing, key in pk.items()}
    named |= decisions_of(them)
    named |= {"list": {"slug": "members"}}
    named |= {"unit": {"code": them.here.code}, "chart": {"name": "raised-months"}, "series": {"name": "mobilised"}}
    named["sheet"] = {"slug": "members"}
    named["two_members"] = {"pk": member.pk, "other": second.pk}
    return Things(them, named, {"unit": them.here.code, "period": "2024-H1"})


def decisions_of(them: cast.Cast) -> dict[str, dict[str, Any]]:
    """A draft within ``here``, and a decision that was carried out there, with its paper."""
    by = cast.make_user("decides", role=Role.ADMINISTRATOR, unit=them.here)
    facts: dict[str, Any] = {"unit": them.here, "signed_on": date(2024, 5, 1), "by": by}
    draft = draft_decision(effective_on=date(2024, 6, 1), number="1/QĐ", **facts)
    done = draft_decision(
        effective_on=date(2024, 6, 1), number="2/QĐ", file=ContentFile(b"%PDF-1.7", name="a.pdf"), **facts
    )
    add_change(decision=done, kind=ChangeKind.RENAME, unit=them.branch, name="Chi hội phố 1", by=by)
    apply_decision(decision=done, basis=preview_decision(decision=done, by=by).basis, by=by)
    return {"draft": {"pk": draft.pk}, "decision": {"pk": done.pk}, "change": {"pk": draft.pk, "kind": "merge"}}


def address(name: str, door: Door, things: Things) -> str:
    path = reverse(name, kwargs=things.kwargs.get(door.thing))
    query = [f"{key}={value}" for key, value in things.query.items()] if door.has_unit else []
    return f"{path}?{'&'.join([*query, door.query])}" if query or door.query else path


def test_every_door_is_entered() -> None:
    known = OPEN_TO_ALL | set(SIGNED_IN) | set(OWN) | set(DOORS)
    assert set(doors()) == known


def test_who_is_signed_out_is_asked_to_sign_in(client: Client, things: Things) -> None:
    job = Job.objects.create(kind="report.periodic", owner=things.them.chair)
    let_through = []
    for name in doors():
        if name in OPEN_TO_ALL:
            continue
        door = DOORS.get(name) or SIGNED_IN.get(name) or Door("own")
        path = address(name, door, things) if name not in OWN else reverse(name, args=[job.pk])
        for ask in (client.get, client.post):
            response = ask(path)
            asked = response.status_code == 302 and response["Location"].startswith(reverse("login"))
            # An address for posts alone says so to whoever comes; and whoever is out is out already.
            if not asked and response.status_code != 405 and name != "logout":
                let_through.append((name, ask.__name__, response.status_code))
    assert not let_through, "\n".join(map(str, let_through))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_goes_through_its_doors_and_no_others(client: Client, things: Things, role: Role) -> None:
    client.force_login(cast.make_user("tried", role=role, unit=things.them.here))
    wrong = []
    for name, door in DOORS.items():
        path = address(name, door, things)
        for ask, said in ((client.get, {}), (client.post, things.query)):
            status = ask(path, said).status_code if said else ask(path).status_code
            allowed = role in door.roles
            if (status != 405 and (status in (200, 302)) != allowed) or (not allowed and status not in (403, 405)):
                wrong.append((name, ask.__name__, status, "allowed" if allowed else "not allowed"))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", list(Role))
def test_what_is_out_of_scope_is_not_found(client: Client, things: Things, role: Role) -> None:
    client.force_login(cast.make_user("elsewhere", role=role, unit=things.them.elsewhere))
    wrong = []
    for name, door in DOORS.items():
        if door.anywhere or (not door.thing and not door.has_unit):
            continue
        path = address(name, door, things)
        for ask, said in ((client.get, {}), (client.post, things.query)):
            status = ask(path, said).status_code if said else ask(path).status_code
            if status not in (404, 405):
                wrong.append((name, ask.__name__, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_jobs_and_files_are_their_owner_s_alone(client: Client, things: Things) -> None:
    owner, other = things.them.chair, things.them.accountant
    job = Job.objects.create(kind="report.periodic", owner=owner)
    file = keep_file(owner=owner, job=job, name="a.pdf", content=b"%PDF-1.7", content_type="application/pdf")
    key = {"job": job.pk, "file": file.pk}
    for user, status in ((other, 404), (owner, 200)):
        client.force_login(user)
        assert client.get(reverse("core:job-status", args=[key["job"]])).status_code == status
        assert client.get(reverse("core:file-download", args=[key["file"]])).status_code == status
    client.force_login(other)
    assert client.post(reverse("core:job-cancel", args=[key["job"]])).status_code == 404
    assert Job.objects.get().cancel_requested is False


def test_whoever_is_signed_in_sees_what_is_for_all(client: Client, things: Things) -> None:
    client.force_login(things.them.viewer)
    for name, door in SIGNED_IN.items():
        if not door.posts_only:
            assert client.get(address(name, door, things)).status_code == 200, name


def test_admin_is_for_administrators_alone(client: Client, things: Things) -> None:
    for user in everybody(things.them):
        client.force_login(user)
        allowed = user == things.them.administrator
        for name in ("admin:index", "admin:members_unit_changelist", "admin:members_user_changelist"):
            assert (client.get(reverse(name)).status_code == 200) == allowed, (user, name)


def everybody(them: cast.Cast) -> list[User]:
    return [value for value in vars(them).values() if isinstance(value, User)]
