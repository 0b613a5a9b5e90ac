"""Checked tables become numbers: one spec and one function for each indicator."""
