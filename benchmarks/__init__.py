"""Measurements of Mandant beside what one would use instead. The product imports none of it."""
