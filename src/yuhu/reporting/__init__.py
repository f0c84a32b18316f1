"""Reports: ordered sections over estimates; figures declared once."""
