"""Tables of the organisation: places, tiers, units through time, members, accounts and their rights."""

from members.models.accounts import Grant, Role, User
from members.models.changes import Changed, MemberChange
from members.models.decisions import (
    CLOSING,
    Change,
    ChangeKind,
    Decision,
    DecisionEffect,
    DecisionState,
    Deed,
    FundRule,
)
from members.models.duplicates import DuplicatePair, Likeness, MemberMerge, PairState
from members.models.headcounts import CardSeries, HeadcountSource, HeadcountSpan, ReportedHeadcount
from members.models.offices import Appointment, OfficeEnd, Position
from members.models.people import Member, MemberMonth, Membership
from members.models.places import Place, PlacePopulation
from members.models.recognitions import Recognition, RecognitionKind
from members.models.titles import Title, TitleCount, TitleTarget
from members.models.tree import Succession, Tier, Unit, UnitAncestor, UnitKind, UnitVersion

__all__ = [
    "CLOSING",
    "Appointment",
    "CardSeries",
    "Change",
    "ChangeKind",
    "Changed",
    "Decision",
    "DecisionEffect",
    "DecisionState",
    "Deed",
    "DuplicatePair",
    "FundRule",
    "Grant",
    "HeadcountSource",
    "HeadcountSpan",
    "Likeness",
    "Member",
    "MemberChange",
    "MemberMerge",
    "MemberMonth",
    "Membership",
    "OfficeEnd",
    "PairState",
    "Place",
    "PlacePopulation",
    "Position",
    "Recognition",
    "RecognitionKind",
    "ReportedHeadcount",
    "Role",
    "Succession",
    "Tier",
    "Title",
    "TitleCount",
    "TitleTarget",
    "Unit",
    "UnitAncestor",
    "UnitKind",
    "UnitVersion",
    "User",
]
