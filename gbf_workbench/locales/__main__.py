"""`python -m gbf_workbench.locales fr`: list what is not translated yet, and stamp what is."""

from __future__ import annotations

import sys

from gbf_workbench.locales import source_texts, stamp, translated_texts


def main(languages: list[str]) -> int:
    """Stamp each language and print the keys it lacks."""
    for language in languages:
        for key in sorted(set(source_texts()) - set(translated_texts(language))):
            print(f"{language}: {key}")
        stamp(language)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
