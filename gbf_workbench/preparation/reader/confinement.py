"""Walls that the Linux kernel keeps around a process: which files it may open, and that it reaches nobody."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

# Numbers of the kernel's interface: include/uapi/linux/landlock.h, seccomp.h, prctl.h, filter.h.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR, _WRITE_FILE, _TRUNCATE, _EXECUTE, _IOCTL = 1 << 2, 1 << 3, 1 << 1, 1 << 14, 1 << 0, 1 << 15
#: Rights on files that each version of Landlock knows; a right that is not named stays free.
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER, _DEATH_SIGNAL = 38, 22, 2, 1

#: The kinds of computer whose system calls are numbered here: name in the kernel, calls that are refused, ``clone``.
#: Refused are sockets (and io_uring, which opens them by another way), other programs, and looking into processes.
_CALLS = {
    # socket, connect, bind, execve, execveat, fork, vfork, ptrace, process_vm_readv, process_vm_writev, io_uring_setup,
    # bpf, userfaultfd, keyctl, mount, perf_event_open
    "x86_64": (0xC000003E, (41, 42, 49, 59, 322, 57, 58, 101, 310, 311, 425, 321, 323, 250, 165, 298), 56),
    "aarch64": (0xC00000B7, (198, 203, 200, 221, 281, 117, 270, 271, 425, 280, 282, 219, 40, 241), 220),
}
_CLONE3, _CLONE_THREAD = 435, 0x00010000


class _Paths(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def die_with_parent() -> None:
    """Have the kernel end this process as soon as the one that started it is gone (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, 9, 0, 0, 0)


def confine(readable: Iterable[Path], writable: Iterable[Path], listable: Iterable[Path] = ()) -> None:
    """Close everything off that reading a file does not need; there is no way back for this process.

    On Linux from 5.13 (Landlock) files outside of ``readable`` and ``writable`` cannot be opened, whatever a file or a
    library says; on Linux on x86_64 and aarch64 (seccomp) there are no sockets and no other programs. Where the kernel
    offers neither, nothing happens here and nothing is claimed: ``process.protections`` says what really holds.

    Parameters
    ----------
    readable : iterable of Path
        Files, and folders with all below them. What is not there is passed over.
    writable : iterable of Path
        Folders.
    listable : iterable of Path
        Folders in which names may be seen, but nothing opened.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _close_files(libc, readable, writable, listable)
    _close_network(libc)


def _close_files(
    libc: ctypes.CDLL, readable: Iterable[Path], writable: Iterable[Path], listable: Iterable[Path]
) -> None:
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    if version < 1:
        return
    rights = _RIGHTS[min(version, max(_RIGHTS))]
    # From version 4 on it also knows ports, from 6 on signals and named sockets: all handled, none allowed.
    words = [rights, 3 if version >= 4 else 0, 3 if version >= 6 else 0]
    size = 8 * (3 if version >= 6 else 2 if version >= 4 else 1)
    ruleset = libc.syscall(
        _CREATE_RULESET, struct.pack("=QQQ", *words), ctypes.c_size_t(size), ctypes.c_uint32(0)
    )  # fmt: skip
    if ruleset < 0:
        return
    try:
        for path in readable:
            _allow(libc, ruleset, path, _READ_FILE | _READ_DIR)
        for path in listable:
            _allow(libc, ruleset, path, _READ_DIR)
        for path in writable:
            _allow(libc, ruleset, path, rights & ~_EXECUTE)
        if libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)):
            raise OSError(ctypes.get_errno(), "landlock")
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = _Paths(rights if path.is_dir() else rights & _OF_FILES, place)
        if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0)):
            raise OSError(ctypes.get_errno(), f"landlock: {path}")
    finally:
        os.close(place)


def _close_network(libc: ctypes.CDLL) -> None:
    if platform.machine() not in _CALLS:
        return
    program = network_filter(platform.machine())
    kept = ctypes.create_string_buffer(program, len(program))
    told = _Program(len(program) // 8, ctypes.cast(kept, ctypes.c_void_p))
    # A kernel without seccomp refuses this, and then nothing is claimed.
    libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(told), 0, 0)


def network_filter(machine: str) -> bytes:
    """The program by which the kernel judges system calls: threads may begin, programs and sockets may not."""
    architecture, refused, clone = _CALLS[machine]
    load, equal, at_least, is_set, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, deny, absent = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x00050000 | errno.ENOSYS
    lines: list[tuple[int, int, int, int]] = [
        (load, 0, 0, 4), (equal, 1, 0, architecture), (answer, 0, 0, deny),
        (load, 0, 0, 0), (at_least, 0, 1, 0x40000000), (answer, 0, 0, deny),
        # The C library takes the older call, whose purpose can be seen, where the newer one is absent.
        (equal, 0, 1, _CLONE3), (answer, 0, 0, absent),
    ]  # fmt: skip
    for number in refused:
        lines += [(equal, 0, 1, number), (answer, 0, 0, deny)]
    lines += [
        (equal, 0, 3, clone), (load, 0, 0, 16), (is_set, 1, 0, _CLONE_THREAD), (answer, 0, 0, deny),
        (answer, 0, 0, allow),
    ]  # fmt: skip
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
