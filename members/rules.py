"""Who may do what, and where. A literal matrix; what does not stand in it is refused.

A role acts in the unit of its grant and in all below it, as they stand now, on the days of the grant
(DESIGN §9). Roles keep the two hands apart that handle money: who records is not who approves; the
administrator of accounts touches no money.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from members.models import Role, Unit, UnitAncestor, User
from members.scope import grants_of, rights_seen

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Verb(StrEnum):
    """What one may do in a unit."""

    SEE = "see"
    RECORD_DONATION = "record_donation"
    VOID_DONATION = "void_donation"
    EDIT_DONOR = "edit_donor"
    MANAGE_APPEALS = "manage_appeals"
    MANAGE_FUNDS = "manage_funds"
    TRANSFER = "transfer"
    PREPARE_SPENDING = "prepare_spending"
    APPROVE_SPENDING = "approve_spending"
    RECEIVE_TRANSFER = "receive_transfer"
    CLOSE_BOOKS = "close_books"
    REOPEN_BOOKS = "reopen_books"
    ISSUE_GOODS = "issue_goods"
    ISSUE_PAPER = "issue_paper"
    VOID_PAPER = "void_paper"
    OPEN_ROUND = "open_round"
    PROPOSE_AWARDS = "propose_awards"
    APPROVE_AWARDS = "approve_awards"
    RECORD_DISTRIBUTION = "record_distribution"
    VOID_DISTRIBUTION = "void_distribution"
    EDIT_MEMBER = "edit_member"
    APPOINT = "appoint"
    DECLARE = "declare"
    EDIT_UNIT = "edit_unit"
    REORGANISE = "reorganise"
    MAKE_REPORT = "make_report"
    WRITE_REPORT = "write_report"
    ADMINISTER = "administer"


_ADMINISTRATOR, _CHAIR, _ACCOUNTANT = Role.ADMINISTRATOR, Role.CHAIR, Role.ACCOUNTANT
_CASHIER, _OFFICER, _CLERK = Role.CASHIER, Role.PROGRAMME_OFFICER, Role.CLERK

MATRIX: dict[Verb, frozenset[Role]] = {
    Verb.SEE: frozenset(Role),
    Verb.RECORD_DONATION: frozenset({_ACCOUNTANT, _CASHIER, _CLERK}),
    Verb.VOID_DONATION: frozenset({_CHAIR, _ACCOUNTANT}),
    Verb.EDIT_DONOR: frozenset({_ACCOUNTANT, _CASHIER, _OFFICER, _CLERK}),
    Verb.MANAGE_APPEALS: frozenset({_CHAIR, _ACCOUNTANT, _OFFICER}),
    Verb.MANAGE_FUNDS: frozenset({_CHAIR, _ACCOUNTANT}),
    Verb.TRANSFER: frozenset({_ACCOUNTANT}),
    Verb.PREPARE_SPENDING: frozenset({_ACCOUNTANT, _CLERK}),
    Verb.APPROVE_SPENDING: frozenset({_CHAIR}),
    Verb.RECEIVE_TRANSFER: frozenset({_ACCOUNTANT, _CASHIER, _CLERK}),
    Verb.CLOSE_BOOKS: frozenset({_CHAIR, _ACCOUNTANT}),
    Verb.REOPEN_BOOKS: frozenset({_CHAIR}),
    Verb.ISSUE_GOODS: frozenset({_ACCOUNTANT, _CASHIER}),
    Verb.ISSUE_PAPER: frozenset({_ACCOUNTANT, _CASHIER, _CLERK}),
    Verb.VOID_PAPER: frozenset({_CHAIR, _ACCOUNTANT}),
    Verb.OPEN_ROUND: frozenset({_CHAIR, _OFFICER}),
    Verb.PROPOSE_AWARDS: frozenset({_OFFICER, _CLERK}),
    Verb.APPROVE_AWARDS: frozenset({_CHAIR}),
    Verb.RECORD_DISTRIBUTION: frozenset({_CASHIER, _OFFICER, _CLERK}),
    Verb.VOID_DISTRIBUTION: frozenset({_CHAIR, _ACCOUNTANT}),
    Verb.EDIT_MEMBER: frozenset({_ADMINISTRATOR, _CHAIR, _CLERK}),
    Verb.APPOINT: frozenset({_ADMINISTRATOR, _CHAIR, _CLERK}),
    Verb.DECLARE: frozenset({_ADMINISTRATOR, _CHAIR, _OFFICER, _CLERK}),
    Verb.EDIT_UNIT: frozenset({_ADMINISTRATOR, _CHAIR}),
    Verb.REORGANISE: frozenset({_ADMINISTRATOR}),
    Verb.MAKE_REPORT: frozenset(Role),
    Verb.WRITE_REPORT: frozenset(Role) - {Role.VIEWER},
    Verb.ADMINISTER: frozenset({_ADMINISTRATOR}),
}


def may(user: User | AnonymousUser, verb: Verb | str, unit: Unit | int) -> bool:
    """Whether ``user`` may do ``verb`` in ``unit`` today. At most 2 queries, remembered on ``user``.

    False for visitors, closed accounts and verbs that nobody has entered in the matrix.
    """
    if not isinstance(user, User) or not user.is_active or verb not in MATRIX:
        return False
    if user.is_superuser:
        return True
    granted = _granted_units(user, Verb(verb))
    unit_id = unit if isinstance(unit, int) else unit.pk
    return bool(granted) and (unit_id in granted or not granted.isdisjoint(_ancestors(user, unit_id)))


def may_somewhere(user: User | AnonymousUser, verb: Verb | str) -> bool:
    """Whether there is any unit where ``user`` may do ``verb`` today: for menus. At most 1 query."""
    if not isinstance(user, User) or not user.is_active or verb not in MATRIX:
        return False
    return user.is_superuser or bool(_granted_units(user, Verb(verb)))


def require(user: User | AnonymousUser, verb: Verb | str, unit: Unit | int) -> None:
    """Let pass who may do ``verb`` in ``unit``.

    Raises: Http404 where the unit is out of the user's scope (it must not even be known to exist);
    PermissionDenied where it is in scope and the role does not allow the verb.
    """
    if may(user, verb, unit):
        return
    if not may(user, Verb.SEE, unit):
        raise Http404
    raise PermissionDenied(_("Your role does not allow this here. Ask the administrator for the right."))


def units_where(user: User | AnonymousUser, verb: Verb | str) -> QuerySet[Unit]:
    """The units, dissolved ones too, where ``user`` may do ``verb`` today: for pickers. At most 1 query more."""
    if not isinstance(user, User) or not user.is_active or verb not in MATRIX:
        return Unit.unscoped.none()
    if user.is_superuser:
        return Unit.unscoped.all()
    below = UnitAncestor.objects.filter(is_latest=True, ancestor__in=_granted_units(user, Verb(verb)))
    return Unit.unscoped.filter(pk__in=below.values("unit"))


def is_administrator(user: User | AnonymousUser) -> bool:
    """Whether the administration is open to ``user``: administrators of a unit at the top, superusers."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_superuser:
        return True
    return Unit.unscoped.filter(pk__in=_granted_units(user, Verb.ADMINISTER), parent=None).exists()


def topmost_units(user: User) -> set[int]:
    """Ids of the units whose parent is out of the user's sight: those of the grants. At most 1 query."""
    return set() if user.is_superuser else {unit_id for _role, unit_id in grants_of(user)}


def forget(user: User) -> None:
    """Drop what is remembered on ``user``, after its grants or the tree changed within one request."""
    user.rights_seen = {}


def _granted_units(user: User, verb: Verb) -> set[int]:
    return {unit_id for role, unit_id in grants_of(user) if role in MATRIX[verb]}


def _ancestors(user: User, unit_id: int) -> set[int]:
    known: dict[int, set[int]] = rights_seen(user).setdefault("ancestors", {})
    if unit_id not in known:
        above = UnitAncestor.objects.filter(unit=unit_id, is_latest=True)
        known[unit_id] = set(above.values_list("ancestor_id", flat=True))
    return known[unit_id]
