"""Where data can be had from: one pair of files for each source, and what they share."""
