"""What reading one file may cost, and the surroundings it happens in: memory, time, disk, drivers, no secrets."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

#: Memory [bytes] that even a small file may take on top of the program: buffers, a picture of it, its checks.
SMALLEST_MEMORY = 2**30
#: Bytes of memory for each byte of the file. A cell of a text table costs about twenty times its letters while it is
#: looked at, an outline about six times its coordinates; a packed workbook unpacks to about ten times its size.
MEMORY_PER_BYTE = 40
#: Part of the machine's memory that one reading may take at most, so that the rest of the machine goes on.
MOST_OF_MACHINE = 0.7
#: Processor time [s], and for each million bytes of the file; the clock on the wall may show three times as much,
#: because machines in a workshop are shared.
CPU, CPU_PER_MB, WALL_TO_CPU = 120, 1.0, 3
#: Bytes that may be written into any one file, and for each byte read: a clean copy may be larger than its original.
WRITTEN, WRITTEN_PER_BYTE = 2**31, 4

#: Environment that Python and the libraries need to start at all. Everything else stays behind: tokens, proxies,
#: options of GDAL.
_KEPT = {
    "PATH", "LANG", "TZ", "TEMP", "TMP", "TMPDIR", "SYSTEMROOT", "WINDIR", "PYTHONHOME", "PYTHONUTF8",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "CONDA_PREFIX", "GDAL_DATA",
    "GDAL_DRIVER_PATH", "PROJ_DATA", "PROJ_LIB",
}  # fmt: skip
#: Drivers that open other files or the network at the word of the file they are given, and those nobody here needs.
#: What a file is, is found out before GDAL sees it; this holds where that was deceived.
_SKIPPED = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,BAG,CSV,CSW,Carto,DAAS,DERIVED,DGN,DIMAP,DXF,ECRGTOC,EDIGEO,EEDA,EEDAI,"
    "ESRIC,ESRIJSON,Elasticsearch,GDALG,GML,GMLAS,GNMDatabase,GNMFile,GPSBabel,GPX,GTFS,GTI,GeoJSONSeq,GeoRSS,HTTP,"
    "ILWIS,Idrisi,JML,JSONFG,KML,KMLSUPEROVERLAY,LIBKML,LIBERTIFF,LVBAG,MBTiles,MRF,MVT,MapInfo File,MapML,"
    "MiraMonVector,MySQL,NGW,NITF,OAPIF,ODBC,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OZI,OpenFileGDB,PAux,PCIDSK,PDF,"
    "PDS,PDS4,PGDUMP,PLMOSAIC,PLSCENES,PMTiles,PostGISRaster,PostgreSQL,RPFTOC,Rasterlite,S57,SAFE,SENTINEL2,SNAP_TIFF,"
    "SQLite,STACIT,STACTA,SXF,Selafin,TIL,TileDB,TopoJSON,VDV,VFK,VICAR,VRT,WAsP,WCS,WFS,WMS,WMTS,XLS,XLSX,XODR,Zarr"
)


@dataclass(frozen=True)
class Limits:
    """What one reading may take: memory [bytes], processor time [s], time [s], size of a file it writes [bytes]."""

    memory: int
    cpu: int
    wall: float
    written: int


def limits_for(size: int) -> Limits:
    """Limits for a file of this size [bytes] on this machine.

    >>> small, large = limits_for(5_000), limits_for(10_000_000_000)
    >>> small.memory <= large.memory <= machine_memory()
    True
    """
    memory = min(max(SMALLEST_MEMORY, MEMORY_PER_BYTE * size), int(MOST_OF_MACHINE * machine_memory()))
    cpu = int(CPU + CPU_PER_MB * size / 1e6)
    return Limits(memory, cpu, float(WALL_TO_CPU * cpu), max(WRITTEN, WRITTEN_PER_BYTE * size))


def machine_memory() -> int:
    """Memory [bytes] of the machine, or of the container where that has less."""
    total = psutil.virtual_memory().total
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue
    return total


def environment(scratch: Path, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of the reading process: no secrets, no network, few drivers, one thread for each reading.

    The words for GDAL and PROJ are the only walls around the network and other files on Windows, macOS and old Linux
    kernels, together with the look at the content; see ``confinement`` for what holds elsewhere.
    """
    kept = {name: value for name, value in given.items() if name.upper() in _KEPT or name.startswith("LC_")}
    return kept | {
        "OGR_SKIP": _SKIPPED,
        # A ring that does not close is damaged; closing it in silence would be a guess.
        "OGR_GEOMETRY_ACCEPT_UNCLOSED_RING": "NO",
        "GDAL_SKIP": _SKIPPED,
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_PAM_ENABLED": "NO",
        "GDAL_CACHEMAX": "64",
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "CPL_TMPDIR": str(scratch),
        "PROJ_NETWORK": "OFF",
        "PROJ_USER_WRITABLE_DIRECTORY": str(scratch),
        # Threads do not live through a fork, and a thread's stack counts as memory.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "MALLOC_ARENA_MAX": "2",
    }


def apply(limits: Limits) -> None:
    """Limit the present process for good; where the system has no such limits the parent watches it instead.

    Linux keeps all of them. macOS keeps time and size of files but not memory, Windows none: there the parent looks at
    the memory ten times a second (see ``process``).
    """
    if sys.platform == "win32":
        return
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits.written)
    # The first limit of time has a signal of its own, by which it is known; the second just ends the process.
    _lower(resource.RLIMIT_CPU, limits.cpu, spare=5)
    if sys.platform == "linux":
        # The program itself has taken its share before the file is opened; what it may take is counted from there.
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory)


def _lower(kind: int, most: int, spare: int = 0) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    first, last = (one if hard == resource.RLIM_INFINITY else min(one, hard) for one in (most, most + spare))
    resource.setrlimit(kind, (first, last))
