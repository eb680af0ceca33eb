"""``cniadvisor info``: versions, paths, the image and the context in use, for a bug report."""

import asyncio
import platform
from importlib.metadata import PackageNotFoundError, version

from platformdirs import user_data_path

from cniadvisor import __version__
from cniadvisor.commands.telling import hand_over
from cniadvisor.domain.errors import CniAdvisorError, ExitCode
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.image.record import record_file, recorded
from cniadvisor.k8s.connection import connect
from cniadvisor.resources import documentation

_LIBRARIES = ("kubernetes", "aiohttp", "pydantic", "click")


def run_info(settings: Settings) -> int:
    """Print what is known; what can't be found out says why, and is no error."""
    rows = [
        ("cniadvisor", __version__),
        ("python", platform.python_version()),
        *((name, _version(name)) for name in _LIBRARIES),
        ("docs", _docs()),
        ("reports", str(user_data_path("cniadvisor") / "reports")),
        ("image record", str(record_file())),
        ("image", _image()),
        *asyncio.run(_context(settings)),
    ]
    width = max(len(name) for name, _ in rows)
    for name, told in rows:
        hand_over(f"{name:<{width}}  {printable(told)}")
    return ExitCode.OK


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _docs() -> str:
    try:
        return str(documentation())
    except CniAdvisorError as error:
        return error.message


def _image() -> str:
    try:
        record = recorded()
    except CniAdvisorError as error:
        return error.message
    if record is None:
        return "none built yet (cniadvisor image build)"
    return record.reference if record.current else f"{record.reference} (of another version)"


async def _context(settings: Settings) -> list[tuple[str, str]]:
    try:
        async with connect(
            kubeconfig=settings.kubeconfig,
            context=settings.context,
            namespace=settings.namespace,
            timeout_s=5,
        ) as connection:
            rows = [
                ("context", connection.context),
                ("API server", connection.cluster_host),
                ("namespace", connection.namespace),
            ]
            try:
                told = await connection.get("/version")
                rows.append(("Kubernetes", str(told.get("gitVersion", "unknown"))))
            except CniAdvisorError as error:
                rows.append(("Kubernetes", error.message))
            return rows
    except CniAdvisorError as error:
        return [("context", error.message)]
