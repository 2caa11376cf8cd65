"""Official papers: what one says (``content``), drawn for page and PDF (``document``) and as a workbook (``book``)."""
