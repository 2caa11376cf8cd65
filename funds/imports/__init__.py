"""Donors and donations by sheet."""

from funds.imports.donations import DonationImport
from funds.imports.donors import DonorImport

__all__ = ["DonationImport", "DonorImport"]
