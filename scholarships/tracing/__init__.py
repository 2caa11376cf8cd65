"""Which gift paid for what, both ways: first in, first out within a fund's pot (docs/books.md)."""

from scholarships.tracing.queries import Became, Giver, PaidBy, Use, became_of, paid_by
from scholarships.tracing.ways import MOST_STEPS

__all__ = ["MOST_STEPS", "Became", "Giver", "PaidBy", "Use", "became_of", "paid_by"]
