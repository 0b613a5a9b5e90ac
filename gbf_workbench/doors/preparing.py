"""The page on which people prepare their data: what they have, what was found in it, and what they say about it."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

from gbf_workbench.catalogue import load_edition
from gbf_workbench.catalogue.specs import IndicatorSpec, spec_of
from gbf_workbench.doors import session
from gbf_workbench.doors.panel import preview
from gbf_workbench.doors.views import Views, in_batch, paragraph
from gbf_workbench.errors import Issue, WorkbenchError, problem, sorted_issues
from gbf_workbench.locales import PACKAGE, current_language, text
from gbf_workbench.pipeline import Tables
from gbf_workbench.preparation import answers
from gbf_workbench.preparation.cleaning import save_clean
from gbf_workbench.preparation.country import Country, open_country
from gbf_workbench.preparation.inputs import read_inputs
from gbf_workbench.preparation.mapping import FILE as MAPPING
from gbf_workbench.preparation.mapping import TableMapping, read_mapping, read_user_yaml
from gbf_workbench.preparation.mending import LIST, marked_files, suggested
from gbf_workbench.preparation.readiness import readiness
from gbf_workbench.preparation.readings import FileReading, file_readings
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.suggestions import Suggestion
from gbf_workbench.reporting import pages
from gbf_workbench.reporting.readiness_page import COLUMNS, readiness_rows

#: Where the shipped samples lie; nobody's answers are written there.
_SAMPLES = PACKAGE.parent / "data_samples"


def open_preparation(code: str, folder: str = "", out: str = "", language: str = "") -> Preparation:
    """Open the page on which data are prepared.

    Parameters
    ----------
    code : str
        Code or slug of the indicator to begin with; another one can be chosen on the page.
    folder : str
        Country folder to begin with; empty waits for files to be brought.
    out : str
        Folder for the clean files; empty writes none.
    language : str
        Empty takes ``GBF_LANGUAGE``.

    Raises
    ------
    WorkbenchError
        If the code or the language is unknown; data that cannot be used are shown, not raised.
    """
    spec = open_country(folder).spec(code) if folder and Path(folder).is_dir() else spec_of(code)
    return Preparation(spec, folder, out, current_language(language or None))


class Preparation(Views):
    """State of the data of one indicator, and the views that show it; a change of state renews every view."""

    def __init__(self, spec: IndicatorSpec, folder: str, out: str, language: str) -> None:
        super().__init__(language)
        self.spec, self.folder, self.out = spec, folder, out
        self.desk: Any = None
        self._forget()
        self.recompute()

    def _forget(self) -> None:
        self.country: Country | None = None
        self.tables: Tables | None = None
        self.issues: tuple[Issue, ...] = ()
        self.readings: list[FileReading] = []
        self.suggestions: dict[str, list[Suggestion]] = {}
        self.message = ""

    def recompute(self) -> None:
        """Read and check anew; what was there before is gone even if this fails."""
        self._forget()
        if self.folder:
            try:
                self._read()
            except WorkbenchError as refused:
                self.issues = sorted_issues([*self.issues, *refused.issues])
            except Exception as fault:
                self.message = " ".join(session.sentences(fault, self.language))
        self.renew()

    def _read(self) -> None:
        self.country = open_country(self.folder)
        self.spec = self.country.spec(self.spec.code)
        inputs = read_inputs(self.spec, self.country)
        self.issues = sorted_issues(inputs.issues)
        self.readings = file_readings(self.spec, self.country, inputs)
        if inputs.usable:
            self.tables = Tables(self.spec, self.country, inputs)
        # What keeps a file from being read is among the findings already.
        with suppress(WorkbenchError):
            self.suggestions = suggested(self.spec, self.country)

    def clear(self, message: str = "") -> None:
        """Show nothing but a message: what was shown belongs to data that are no longer current."""
        self._forget()
        self.folder, self.message = "", message
        self.renew()

    def turn_to(self, code: str) -> None:
        """Prepare the data of another indicator: from the same folder, or from the same files."""
        self.spec = self.country.spec(code) if self.country else spec_of(code)
        if self.desk and self.desk.arrivals:
            self.desk.turn_to(self.spec)
        else:
            self.recompute()

    # -- what people say about their data -------------------------------------------------------------------

    def settle(self, table: str, more: Mapping[str, Any]) -> None:
        """Add to what ``mapping.yml`` says of a table, and check anew.

        Raises
        ------
        WorkbenchError
            If the file would be broken by it; then it stays as it was.
        """
        self.settle_all([(table, more)])

    def settle_all(self, said: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Add several things at once, each to what ``mapping.yml`` says of its table; see ``settle``."""
        if said:
            self.change(lambda home: [answers.settle(home, table, more) for table, more in said])

    def rewrite(self, said: str) -> None:
        """Put a whole ``mapping.yml`` in place of the one there is, and check anew.

        Raises
        ------
        WorkbenchError
            If the text is no mapping; then the file stays as it was.
        """
        self.change(lambda home: answers.write_mapping(home, said))

    def change(self, write: Callable[[Path], Any]) -> None:
        """Let ``write`` change ``mapping.yml`` in the folder it is given, and check anew; see ``settle``."""
        if not self.folder:
            raise problem("panel.no_result")
        self._leave_sample_alone()
        home = open_country(self.folder).folder_of(self.spec)
        try:
            write(home)
        except OSError as fault:
            raise problem("templates.cannot_write", file=MAPPING, reason=fault.strerror or str(fault)) from None
        if self.desk:
            self.desk.learn(self.words())
        self.recompute()

    def _leave_sample_alone(self) -> None:
        """What is said about a shipped sample is said about a copy of it."""
        folder = Path(self.folder).resolve()
        if folder.is_relative_to(_SAMPLES):
            copy = session.folder() / "copies" / folder.name
            if not copy.exists():
                shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("raw"))
            self.folder = str(copy)

    def home(self) -> Path | None:
        """The folder of the indicator."""
        return self.country.folder_of(self.spec) if self.country else None

    def mapping(self) -> str:
        """``mapping.yml`` as it stands, or an empty text."""
        home = self.home()
        return answers.mapping_text(home) if home else ""

    def words(self) -> dict[str, dict[str, Any]]:
        """What ``mapping.yml`` says of each table, as it is written."""
        home = open_country(self.folder).folder_of(self.spec)
        raw = read_user_yaml(home / MAPPING, "check.mapping_broken") if (home / MAPPING).exists() else {}
        return dict(raw.get("tables") or {})

    def mappings(self) -> dict[str, TableMapping]:
        """What ``mapping.yml`` says of each table, understood; nothing where it is broken."""
        home = self.home()
        with suppress(WorkbenchError):
            return read_mapping(home) if home else {}
        return {}

    # -- views ----------------------------------------------------------------------------------------------

    def have(self) -> None:
        """What there is: indicator, country, files, and how each was read; a form where there is no file."""
        if not in_batch():
            from gbf_workbench.doors.preparing_controls import choosing

            choosing(self)
        self.show(lambda: f"<style>{pages.style()}</style>{self._have_html()}")

    def found(self) -> None:
        """Everything that was found, worst first, and the same to take away."""
        self.show(lambda: pages.issues_html(self.issues, self.language) if self.folder else self._nothing())
        if not in_batch():
            from gbf_workbench.doors.preparing_controls import findings_button

            self.show_controls(lambda: findings_button(self))

    def columns(self) -> None:
        """What columns and classes may mean, to be confirmed; the mapping that comes of it."""
        if in_batch():
            self.show(self._suggestions_html)
        else:
            from gbf_workbench.doors.preparing_controls import suggestion_controls

            self.show_controls(lambda: suggestion_controls(self))
        self.show(self._mapping_html)
        if not in_batch():
            from gbf_workbench.doors.preparing_controls import mapping_controls

            self.show_controls(lambda: mapping_controls(self))

    def questions(self) -> None:
        """What has to be answered, with the answers to choose from."""
        if in_batch():
            self.show(lambda: pages.issues_html([i for i in self.issues if i.stops], self.language))
        else:
            from gbf_workbench.doors.preparing_controls import question_controls

            self.show_controls(lambda: question_controls(self))

    def repairs(self) -> None:
        """What was repaired, before and after, and an expert's word against it."""
        self.show(self._repairs_html)
        if not in_batch():
            from gbf_workbench.doors.preparing_controls import overrule_controls

            self.show_controls(lambda: overrule_controls(self))

    def clean(self) -> None:
        """The checked tables; with ``out`` they are written, elsewhere they can be downloaded as well.

        Raises
        ------
        WorkbenchError
            If files were asked for and the data cannot be used.
        """
        self.show(self._clean_html)
        if self.out:
            names = [[path.relative_to(self.out).as_posix()] for path in self.save(self.out)]
            self.show(lambda: pages.plain_table([text("panel.files", self.language)], names))
        if not in_batch():
            from gbf_workbench.doors.preparing_controls import clean_button

            self.show_controls(lambda: clean_button(self))

    def ready(self) -> None:
        """How far the indicator is, and what is the next step."""
        self.show(self._ready_html)

    # -- what the views say ---------------------------------------------------------------------------------

    def _nothing(self) -> str:
        return paragraph(self.message or text("panel.bring", self.language), "bad" if self.message else "small")

    def _have_html(self) -> str:
        name = self.edition_name()
        head = f'<p class="gbf-number">{escape(self.spec.code)} {escape(name)}</p>'
        if not self.folder:
            return head + self._nothing()
        if not self.readings:
            return head + paragraph(self.message or text("prepare.no_files", self.language))
        rows = [[one.path.name, self._role_title(one.role), one.line(self.language)] for one in self.readings]
        heads = [text(f"prepare.file.{name}", self.language) for name in ("name", "is", "reading")]
        return head + pages.plain_table(heads, rows)

    def edition_name(self) -> str:
        """What the indicator is called."""
        edition = self.country.edition if self.country else load_edition()
        return edition.indicator(self.spec.code).said("name", self.language)

    def _role_title(self, role: str) -> str:
        return schema_of(self.spec.inputs[role].table).title(self.language)

    def _suggestions_html(self) -> str:
        said = [one.line(self.language) for found in self.suggestions.values() for one in found]
        if not said:
            return paragraph(text("suggest.nothing", self.language)) if self.tables else ""
        return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in said)}</ul>"

    def _mapping_html(self) -> str:
        said = "".join(paragraph(line) for line in shared_classes(self.mappings(), self.language))
        words = self.mapping()
        if not words:
            return said + (paragraph(text("prepare.no_mapping", self.language)) if self.folder else "")
        title = escape(text("prepare.mapping", self.language))
        return f'{said}<details><summary>{title}</summary><pre dir="ltr">{escape(words)}</pre></details>'

    def _repairs_html(self) -> str:
        repairs = [issue for issue in self.issues if issue.level == "repair"]
        overruled = [issue for issue in self.issues if issue.key == "check.overruled"]
        if not repairs and not overruled:
            return paragraph(text("prepare.no_repairs", self.language)) if self.folder else ""
        heads = [text(f"findings.column.{name}", self.language) for name in ("file", "reason", "before", "after")]
        rows = [[one.place(self.language), one.sentence(self.language), one.before, one.after] for one in repairs]
        said = "".join(paragraph(one.line(self.language)) for one in overruled)
        return (pages.plain_table(heads, rows) if rows else "") + said

    def _clean_html(self) -> str:
        if self.tables is None:
            return paragraph(text("prepare.nothing_clean", self.language)) if self.folder else ""
        contents = self.tables.inputs.contents.items()
        return "\n".join(preview(one, self._role_title(role), self.language) for role, one in contents)

    def _ready_html(self) -> str:
        if not self.country:
            return ""
        found = readiness(self.country, [self.spec.code])
        if not found:
            return ""
        state = text(f"ready.state.{found[0].state}", self.language)
        means = text(f"ready.means.{found[0].state}", self.language)
        heads = [text(f"ready.column.{name}", self.language) for name in COLUMNS]
        (row,) = readiness_rows(found, self.country, self.language)
        facts = [[head, said] for head, said in zip(heads[3:], row[3:], strict=True) if said]
        return f"<p><strong>{escape(state)}</strong>: {escape(means)}</p>{pages.plain_table([], facts)}"

    # -- what can be taken away -----------------------------------------------------------------------------

    def findings(self) -> tuple[str, bytes]:
        """The findings as one workbook, or as an archive where several files are marked: its name and content."""
        made = marked_files(self.spec, self.country, self.issues, self.language)
        marked = {name: content for name, content in made.items() if name != LIST}
        if len(marked) < 2:
            # A marked copy has the list in front.
            return next(iter((marked or made).items()))
        return "findings.zip", packed(made)

    def save(self, folder: str | Path) -> list[Path]:
        """Write the clean files into a folder; see ``cleaning.save_clean``.

        Raises
        ------
        WorkbenchError
            If the data cannot be used, with everything that was found.
        """
        if self.tables is None:
            raise WorkbenchError(*self.issues) if self.issues else problem("prepare.nothing_clean")
        return save_clean(self.tables, folder)

    def clean_archive(self) -> bytes:
        """The clean files as an archive."""
        with tempfile.TemporaryDirectory(prefix="gbf-", dir=session.folder()) as place:
            folder = Path(place) / "clean"
            self.save(folder)
            return packed(
                {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
            )


def packed(files: Mapping[str, Path | bytes]) -> bytes:
    """An archive of files by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if isinstance(content, Path):
                archive.write(content, name)
            else:
                archive.writestr(name, content)
    return out.getvalue()


def shared_classes(
    mappings: Mapping[str, TableMapping], language: str | None = None, more: Iterable[Suggestion] = ()
) -> list[str]:
    """One sentence for each value that several of the country's own classes become: none is merged in silence."""
    own: dict[tuple[str, str], list[str]] = defaultdict(list)
    for mapping in mappings.values():
        for name, classes in mapping.classes.items():
            for written, meant in classes.items():
                own[name, meant].append(written)
    for one in more:
        if one.kind == "class" and one.meant and one.written not in own[one.field, one.meant]:
            own[one.field, one.meant].append(one.written)
    return [
        text("prepare.shared_class", language, field=name, meant=meant, count=len(written), names=", ".join(written))
        for (name, meant), written in own.items() if len(written) > 1
    ]  # fmt: skip
