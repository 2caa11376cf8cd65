"""Spreadsheets, both ways: what a column is, what a file may be, how it is read, how lists go out."""
