"""What all tests share: results of others to be held against, a browser, and no network."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# Machines of workshops are slow and shared: a test must not fail because it took long, nor differ from run to run.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")


def verification_data() -> Path | None:
    """Folder with the results of others, where there is one."""
    places = (os.environ.get("GBF_VERIFY"), ROOT.parent / "shared" / "verify")
    return next((Path(place) for place in places if place and Path(place).is_dir()), None)


@pytest.fixture(scope="session")
def verify() -> Path:
    """Folder with inputs and the results that others computed from them."""
    if folder := verification_data():
        return folder
    pytest.skip("the results of others are not here: set GBF_VERIFY to their folder")


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Program of a Chromium-like browser that Playwright can drive."""
    from gbf_workbench.doors.doctor import CHROMIUM, find_program

    if found := find_program(CHROMIUM):
        return found
    pytest.skip("no browser: install Chromium (on Debian: apt-get install chromium), Chrome or Edge")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences are compared in English unless a test asks for another language."""
    monkeypatch.delenv("GBF_LANGUAGE", raising=False)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> object:
    """Refuse every connection that leaves this computer."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            raise RuntimeError(f"a test wanted to reach {address[0]}: tests use no network")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "")


def _every_test() -> bool:
    return bool(os.environ.get("GBF_ALL_TESTS"))


def _verify_required() -> bool:
    return bool(os.environ.get("GBF_REQUIRE_VERIFY"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is held against results of others; leave slow tests out unless they are asked for."""
    for item in items:
        if "verify" in getattr(item, "fixturenames", ()):
            item.add_marker("verify")
    named = config.option.markexpr or any("::" in argument for argument in config.args)
    if named or _every_test():
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> object:
    """Where the results of others must be there, a check against them that is left out counts as failed."""
    report = yield
    report.against_others = item.get_closest_marker("verify") is not None
    if report.skipped and report.against_others and _verify_required() and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome, report.longrepr = "failed", f"must run here, but: {reason}"
        report.against_others = False
    return report


def _verified(config: pytest.Config) -> list[pytest.TestReport]:
    """Reports of the checks against results of others that ran."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    reports = [*terminal.stats.get("passed", ()), *terminal.stats.get("failed", ())] if terminal else []
    return [report for report in reports if report.when == "call" and getattr(report, "against_others", False)]


def _none_ran(config: pytest.Config) -> bool:
    """Whether all tests ran, as they do without arguments, and yet no check that must."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return everything and _verify_required() and not _verified(config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many checks against results of others ran."""
    if ran := _verified(config):
        terminalreporter.write_line(f"Checks against the results of others: {len(ran)} ran")
    elif _none_ran(config):
        terminalreporter.write_line("Checks against the results of others: none ran, but they must run here", red=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where checks against results of others must run and none did."""
    in_worker = hasattr(session.config, "workerinput")
    if not in_worker and session.exitstatus == pytest.ExitCode.OK and _none_ran(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
