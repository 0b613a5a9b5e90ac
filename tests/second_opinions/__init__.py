"""Every indicator worked out a second time, slowly and plainly: one module for each, named as its slug.

A module has ``values(folder)``: from the clean files of a country folder it gives numbers by (year, kind of breakdown,
part, unit). It may use the standard library, pandas, geopandas, shapely, rasterio, scipy, and another projection or
representation than the workbench, and imports nothing of the package (kept by tests/test_second_opinions.py).
``TOLERANCE`` is the largest relative difference, 1e-9 where it is not given; ``SETTINGS`` are settings other than the
defaults that it stands for.
"""
