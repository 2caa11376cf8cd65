"""Members and units by sheet; and, for every other sheet whose rows belong to units, which units they mean."""

from members.imports.people import MemberImport
from members.imports.units import UnitImport

__all__ = ["MemberImport", "UnitImport"]
