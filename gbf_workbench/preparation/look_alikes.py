"""Letters of other scripts that look like Latin ones, and so turn a known code or name into an unknown one."""

from __future__ import annotations

#: Cyrillic and Greek letters that look like Latin ones.
LOOK_ALIKES = str.maketrans("АВСЕНІЈКМОРЅТХУасеіјорѕхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABCEHIJKMOPSTXYaceijopsxyABEZHIKMNOPTYX")
