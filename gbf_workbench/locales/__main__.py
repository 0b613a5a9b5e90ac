"""`python -m gbf_workbench.locales fr`: list what is missing or stale; with `--stamp`, declare it translated anew."""

from __future__ import annotations

import sys

from gbf_workbench.locales import digest_of_text, source_texts, stamp, stamps_of, translated_texts


def main(words: list[str]) -> int:
    """Print the keys each language lacks or translates from an older English; stamp only when asked."""
    english = source_texts()
    for language in (word for word in words if word != "--stamp"):
        own, stamps = translated_texts(language), stamps_of(language)
        for key, words_of_today in sorted(english.items()):
            if key not in own:
                print(f"{language}: missing {key}")
            elif stamps.get(key) != digest_of_text(words_of_today):
                print(f"{language}: stale {key}")
        if "--stamp" in words:
            stamp(language)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
