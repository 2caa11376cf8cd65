"""Sheets handed in: from the upload to what came of it, one flow for every kind of sheet."""
