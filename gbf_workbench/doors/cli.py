"""The command line: the same verbs as in Python, sentences instead of tracebacks, exit codes a script can trust."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gbf_workbench import __version__
from gbf_workbench.errors import LEVELS, Issue, WorkbenchError, problem
from gbf_workbench.locales import current_language, text

DONE, FAILED, WRONG = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done, 1 something failed (and was named), 2 wrong use or wrong data, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a letter gets a question mark, not a crash half way.
        stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _speak(words)
        asked = _parser().parse_args(words)
        return asked.do(asked)
    except WorkbenchError as refused:
        _say_issues(refused.issues)
        return WRONG
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except PermissionError as fault:
        _say_issues(problem("check.unreadable", file=str(fault.filename or ""), reason=str(fault.strerror)).issues)
        return WRONG


def _speak(words: Sequence[str]) -> None:
    """Choose the language before anything is said; an unknown one is refused in English."""
    first = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    first.add_argument("--language")
    asked, _ = first.parse_known_args(words)
    if asked.language:
        os.environ["GBF_LANGUAGE"] = asked.language
    try:
        current_language()
    except WorkbenchError:
        os.environ["GBF_LANGUAGE"] = "en"
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gbf", description=text("cli.description"), epilog=text("cli.epilog"))
    parser.add_argument("--version", action="version", version=f"gbf-workbench {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--language", default="", help=text("cli.help.language"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, do: Callable[[argparse.Namespace], int], *more: str) -> argparse.ArgumentParser:
        one = commands.add_parser(
            name, parents=[common], help=text(f"cli.help.{name}"), description=text(f"cli.help.{name}")
        )
        for argument in more:
            one.add_argument(argument, help=text(f"cli.argument.{argument}"))
        one.set_defaults(do=do)
        return one

    find = command("find", _find)
    find.add_argument("words", nargs="*", help=text("cli.argument.words"))
    find.add_argument(
        "--kind", choices=("headline", "binary", "component", "complementary"), help=text("cli.help.kind")
    )
    command("describe", _describe, "code")
    command("start", _start, "code", "folder")
    prepare = command("prepare", _prepare)
    prepare.add_argument("source", nargs="?", help=text("cli.argument.source"))
    prepare.add_argument("folder", nargs="?", help=text("cli.argument.folder"))
    prepare.add_argument("--release", default="", metavar="R", help=text("cli.help.release"))
    prepare.add_argument("--from", dest="pack", metavar="FOLDER", help=text("cli.help.pack"))
    prepare.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help=text("cli.help.option"))
    check = command("check", _check)
    check.add_argument("code", nargs="?", help=text("cli.argument.code"))
    check.add_argument("folder", nargs="?", help=text("cli.argument.folder"))
    check.add_argument("--workbook", metavar="FILE", help=text("cli.help.workbook"))
    check.add_argument("--out", default="", metavar="DIR", help=text("cli.help.findings"))
    mapped = command("map", _map, "code", "folder")
    mapped.add_argument("--write", action="store_true", help=text("cli.help.write"))
    cleaned = command("clean", _clean, "code", "folder")
    cleaned.add_argument("--out", required=True, metavar="DIR", help=text("cli.help.clean_out"))
    packed = command("pack", _pack, "folder")
    packed.add_argument("--platform", required=True, metavar="KIND", help=text("cli.help.platform"))
    packed.add_argument("--python", default="", help=text("cli.help.python"))
    packed.add_argument("--out", default="gbf_pack.zip", metavar="FILE", help=text("cli.help.out"))
    packed.add_argument("--own-use", action="store_true", help=text("cli.help.own_use"))
    ready = command("ready", _ready, "folder")
    ready.add_argument("--out", default="", metavar="FILE", help=text("cli.help.page"))
    ready.add_argument("--draft", action="store_true", help=text("cli.help.draft"))
    compute = command("compute", _compute, "code", "folder")
    compute.add_argument("--out", default="", metavar="DIR", help=text("cli.help.out"))
    run = command("run", _run, "folder")
    run.add_argument("--out", default="", metavar="DIR", help=text("cli.help.out"))
    run.add_argument("--only", nargs="+", action="extend", default=[], metavar="CODE", help=text("cli.help.only"))
    report = command("report", _report, "folder")
    report.add_argument("--out", default="", metavar="FILE", help=text("cli.help.out"))
    app = command("app", _app)
    app.add_argument("--port", type=int, default=8866, help=text("cli.help.port"))
    app.add_argument("--no-browser", action="store_true", help=text("cli.help.no_browser"))
    app.add_argument("--data", default="", metavar="DIR", help=text("cli.help.data"))
    command("lab", _lab)
    demo = command("demo", _demo)
    demo.add_argument("--out", default="gbf_demo", metavar="DIR", help=text("cli.help.out"))
    command("doctor", _doctor)
    new = command("new", _new)
    new.add_argument("what", choices=("indicator",), help=text("cli.argument.what"))
    new.add_argument("code", help=text("cli.argument.code"))
    new.add_argument("slug", help=text("cli.argument.slug"))
    return parser


def _say_issues(issues: Sequence[Issue]) -> None:
    for issue in issues:
        print(issue.line(), file=sys.stderr if issue.stops else sys.stdout)


def _find(asked: argparse.Namespace) -> int:
    from gbf_workbench.catalogue import find

    print(find(" ".join(asked.words), kind=asked.kind))
    return DONE


def _describe(asked: argparse.Namespace) -> int:
    from gbf_workbench.catalogue import describe

    print(describe(asked.code))
    return DONE


def _start(asked: argparse.Namespace) -> int:
    from gbf_workbench.preparation.templates import start

    for path in start(asked.code, asked.folder):
        print(text("cli.written", path=str(path)))
    return DONE


def _prepare(asked: argparse.Namespace) -> int:
    from gbf_workbench.preparation.sources.catalogue import listing
    from gbf_workbench.preparation.sources.preparing import options_of, prepare
    from gbf_workbench.preparation.sources.stores import cache_folder, releases

    if not asked.source:
        print("\n".join(listing(releases(cache_folder()))))
        return DONE
    if not asked.folder:
        print(text("sources.no_folder"), file=sys.stderr)
        return WRONG
    ended = prepare(
        asked.source, asked.folder, release=asked.release, pack=asked.pack, options=options_of(asked.option),
        say=lambda line: print(line, flush=True),
    )  # fmt: skip
    _say_issues(ended.issues)
    for path in ended.paths:
        print(text("cli.written", path=str(path)))
    return DONE


def _check(asked: argparse.Namespace) -> int:
    if asked.workbook:
        from gbf_workbench.catalogue import load_edition
        from gbf_workbench.reporting.workbook_check import check_workbook

        issues: Sequence[Issue] = check_workbook(Path(asked.workbook), known_codes=load_edition().__contains__)
    elif asked.code and asked.folder:
        from gbf_workbench.pipeline import check

        issues = check(asked.code, asked.folder)
        _say_how_read(asked)
    else:
        print(text("cli.check_what"), file=sys.stderr)
        return WRONG
    _say_issues(issues)
    counts = ", ".join(f"{text('issue.level.' + level)} {sum(i.level == level for i in issues)}" for level in LEVELS)
    print(text("cli.checked", counts=counts))
    if asked.out and issues:
        _write_findings(asked, issues)
    return WRONG if any(issue.stops for issue in issues) else DONE


def _say_how_read(asked: argparse.Namespace) -> None:
    from gbf_workbench.preparation.country import open_country
    from gbf_workbench.preparation.readings import file_readings

    country = open_country(asked.folder)
    for one in file_readings(country.spec(asked.code), country):
        print(f"{one.path.name}: {one.line()}")


def _write_findings(asked: argparse.Namespace, issues: Sequence[Issue]) -> None:
    from gbf_workbench.preparation.country import open_country
    from gbf_workbench.preparation.marking import findings_workbook
    from gbf_workbench.preparation.mending import LIST, marked_files
    from gbf_workbench.reporting.files import unwritable_in_words, whole_file

    if asked.workbook:
        made = {LIST: findings_workbook(issues)}
    else:
        country = open_country(asked.folder)
        made = marked_files(country.spec(asked.code), country, issues)
    for name, content in made.items():
        with unwritable_in_words(), whole_file(Path(asked.out) / name) as path:
            path.write_bytes(content)
        print(text("cli.written", path=str(Path(asked.out) / name)))


def _map(asked: argparse.Namespace) -> int:
    from gbf_workbench.preparation.country import open_country
    from gbf_workbench.preparation.mending import suggested
    from gbf_workbench.preparation.suggestions import confirm

    country = open_country(asked.folder)
    spec = country.spec(asked.code)
    found = suggested(spec, country)
    if not found:
        print(text("suggest.nothing"))
    for table, suggestions in found.items():
        for one in suggestions:
            print(one.line())
        if asked.write:
            likely = [one for one in suggestions if one.likely]
            print(text("cli.written", path=str(confirm(country.folder_of(spec), table, likely))))
    if found and not asked.write:
        print(text("suggest.how", code=spec.code))
    return DONE


def _clean(asked: argparse.Namespace) -> int:
    from gbf_workbench.pipeline import load
    from gbf_workbench.preparation.cleaning import save_clean

    tables = load(asked.code, asked.folder)
    _say_issues(tables.issues)
    for path in save_clean(tables, asked.out):
        print(text("cli.written", path=str(path)))
    return DONE


def _pack(asked: argparse.Namespace) -> int:
    from gbf_workbench.doors.packing import pack

    made = pack(asked.folder, asked.out, asked.platform, asked.python, own_use=asked.own_use)
    _say_issues(made.issues)
    print(text("pack.written", path=str(made.path), size=round(made.path.stat().st_size / 1e6)))
    return DONE


def _ready(asked: argparse.Namespace) -> int:
    from gbf_workbench.preparation.country import open_country
    from gbf_workbench.preparation.readiness import readiness
    from gbf_workbench.reporting.files import unwritable_in_words, whole_file
    from gbf_workbench.reporting.readiness_page import readiness_lines, readiness_page

    country = open_country(asked.folder)
    found = readiness(country)
    print("\n".join(readiness_lines(found, country)))
    if asked.out:
        with unwritable_in_words(), whole_file(Path(asked.out)) as path:
            path.write_text(readiness_page(found, country), encoding="utf-8")
        print(text("cli.written", path=asked.out))
    if asked.draft:
        from gbf_workbench.preparation.monitoring_draft import write_draft

        with unwritable_in_words():
            print(text("cli.written", path=write_draft(country)))
    return DONE


def _compute(asked: argparse.Namespace) -> int:
    from gbf_workbench.pipeline import compute
    from gbf_workbench.reporting.files import save
    from gbf_workbench.reporting.wording import headline, maturity_line

    result = compute(asked.code, asked.folder)
    _say_issues(result.issues)
    print(headline(result))
    print(maturity_line(result))
    if asked.out:
        for path in save(result, asked.out):
            print(text("cli.written", path=str(path)))
    else:
        print(result.data.to_string(index=False))
    return DONE


def _run(asked: argparse.Namespace) -> int:
    return _run_folder(asked.folder, asked.out or f"{Path(asked.folder).resolve().name}_results", asked.only)


def _run_folder(folder: str | Path, out: str, only: Sequence[str] = ()) -> int:
    from gbf_workbench.doors.batch import run

    ended = run(folder, out, only=only, say=lambda line: print(line, flush=True))
    print(text("cli.ran", path=str(ended.folder / "index.html"), failed=len(ended.failed), done=len(ended.done)))
    return FAILED if ended.failed or not ended.done else DONE


def _report(asked: argparse.Namespace) -> int:
    return _report_on(asked.folder, asked.out)


def _report_on(folder: str | Path, out: str) -> int:
    from gbf_workbench.reporting.national_report import report

    written = report(folder, out or None)
    for line in written.failed:
        print(line, file=sys.stderr)
    print(text("cli.written", path=str(written.path)))
    return FAILED if written.failed or not written.done else DONE


def _app(asked: argparse.Namespace) -> int:
    from gbf_workbench.doors.apps import serve
    from gbf_workbench.doors.notebooks import notebook_folder

    if asked.data:
        os.environ["GBF_DATA"] = str(Path(asked.data).resolve())
    return serve(notebooks=notebook_folder(), port=asked.port, open_browser=not asked.no_browser) or DONE


def _lab(asked: argparse.Namespace) -> int:
    import subprocess

    from gbf_workbench.doors.notebooks import notebooks_in

    notebooks = notebooks_in(current_language())
    # The whole checkout is the workspace, so that lessons and samples are at hand too. Our settings keep JupyterLab
    # from asking for news on the internet.
    command = [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={notebooks.parent}",
        f"--LabApp.default_url=/lab/tree/{notebooks.name}/00_start.ipynb",
        f"--LabApp.app_settings_dir={Path(__file__).parent / 'lab'}",
    ]  # fmt: skip
    return subprocess.call(command)


def _demo(asked: argparse.Namespace) -> int:
    from gbf_workbench.preparation.country import SAMPLE

    ran = _run_folder(SAMPLE, asked.out)
    reported = _report_on(SAMPLE, str(Path(asked.out) / "national_report.docx"))
    return max(ran, reported)


def _doctor(asked: argparse.Namespace) -> int:
    from gbf_workbench.doors.doctor import doctor

    return doctor(current_language())


def _new(asked: argparse.Namespace) -> int:
    from gbf_workbench.doors.making import new_indicator

    for path in new_indicator(asked.code, asked.slug):
        print(text("cli.written", path=str(path)))
    print(text("cli.new_next"))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
