"""Programmes, their rounds, the awards of a round and their distribution (DESIGN §7)."""

from scholarships.models.awards import (
    GIVEN_KINDS,
    MOST_AWARDS,
    Award,
    AwardKind,
    AwardState,
    BeneficiaryGroup,
    RecipientKind,
)
from scholarships.models.distributions import Distribution, DistributionLine
from scholarships.models.rollups import FundOwed, GivenMonth, RoundTally
from scholarships.models.rounds import Programme, Round, RoundState

__all__ = [
    "GIVEN_KINDS",
    "MOST_AWARDS",
    "Award",
    "AwardKind",
    "AwardState",
    "BeneficiaryGroup",
    "Distribution",
    "DistributionLine",
    "FundOwed",
    "GivenMonth",
    "Programme",
    "RecipientKind",
    "Round",
    "RoundState",
    "RoundTally",
]
