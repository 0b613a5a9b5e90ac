"""Simulated worlds whose true value is known: how often does the stated interval hold it?

A module, named as the indicator's slug, has ``trials(rng, count)``: a list of (name of the world, number of worlds
drawn, how many 95 % intervals held the truth). Each world is drawn from a model that fits the indicator's assumptions,
its interval computed by the workbench's own function. ``python -m tests.interval_coverage`` prints the table.
"""
