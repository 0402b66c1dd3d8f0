"""Who is measured. A contender says how it is started, asked and understood."""
