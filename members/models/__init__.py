"""Tables of the organisation: places, tiers, units through time, members, accounts and their rights."""

from members.models.accounts import Grant, Role, User
from members.models.people import Member, MemberMonth, Membership
from members.models.places import Place, PlacePopulation
from members.models.tree import Succession, Tier, Unit, UnitAncestor, UnitKind, UnitVersion

__all__ = [
    "Grant",
    "Member",
    "MemberMonth",
    "Membership",
    "Place",
    "PlacePopulation",
    "Role",
    "Succession",
    "Tier",
    "Unit",
    "UnitAncestor",
    "UnitKind",
    "UnitVersion",
    "User",
]
