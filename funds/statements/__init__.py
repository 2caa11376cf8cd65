"""What a bank says of an account, read from its files: MT940, CAMT.053, and the tables that banks give out."""

from funds.statements.files import read_statement
from funds.statements.lines import Cut, Line, Statement, Unreadable

__all__ = ["Cut", "Line", "Statement", "Unreadable", "read_statement"]
