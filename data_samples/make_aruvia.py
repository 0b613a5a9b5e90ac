"""Makes Aruvia, the invented country of the lessons and tests: ``python data_samples/make_aruvia.py [--out DIR]``."""

from __future__ import annotations

from make_aruvia.country import main  # the folder beside this file holds the themes

if __name__ == "__main__":
    main()
