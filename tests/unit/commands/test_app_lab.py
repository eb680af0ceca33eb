"""The lab as the app runs it: what is left of it on the disk, and what is said of that."""

from functools import partial
from pathlib import Path

import pytest

from cniadvisor.commands.app_core import lab
from cniadvisor.commands.app_core.owned_run import OwnedRun
from cniadvisor.commands.lab_choices import Outputs
from cniadvisor.domain.errors import UsageError
from cniadvisor.report.recording import read_recording
from cniadvisor.tui.runs import LabChoices

RECORDING = Path(__file__).parents[2] / "golden" / "recording-v1.jsonl"


async def test_the_lab_keeps_every_report_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    names = ("flannel-vxlan", "flannel-host-gw", "canal", "calico-routed")
    chosen, runs = lab.prepared(LabChoices(wirings=names), None)
    for name, one in zip(names, runs, strict=True):
        one.outputs = Outputs(report=tmp_path / name / "report.toml", recording=None)
        one.begun = True
        for event in read_recording(RECORDING, tell=lambda _: None):
            one.builder(event)
    for name in ("flannel-vxlan", "canal"):
        (tmp_path / name).mkdir()

    async def nothing_more(*_: object, **__: object) -> None:
        return

    monkeypatch.setattr(lab, "measure_all", nothing_more)
    work = partial(lab.measure, chosen, runs)
    end = await OwnedRun(title="lab", streams=(), work=work).wait()
    written = tuple(tmp_path / name / "report.toml" for name in ("flannel-vxlan", "canal"))
    assert end.reports == written
    assert all(path.is_file() for path in written)
    assert isinstance(end.error, UsageError)
    assert "flannel-host-gw" in end.error.message
    assert "calico-routed" in end.error.message
