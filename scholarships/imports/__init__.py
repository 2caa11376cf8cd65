"""Awards by sheet."""

from scholarships.imports.awards import AwardImport

__all__ = ["AwardImport"]
