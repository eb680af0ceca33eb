"""Files of the advisor that are wrong: the message names file, line, key and what to do."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import pytest

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.reference import Campaign
from cniadvisor.catalogue.answers_file import checked, parse_answers
from cniadvisor.catalogue.axes_file import parse_axes
from cniadvisor.catalogue.campaign_file import parse_campaign
from cniadvisor.catalogue.cni_file import MOST_OPTIONS, parse_profile
from cniadvisor.catalogue.questions_file import parse_questions
from cniadvisor.commands.profiles import known_catalogue, result_of
from cniadvisor.domain.errors import UsageError
from cniadvisor.resources import profiles
from tests.unit.advise.shipped import shipped

GOLDEN = Path(__file__).parents[2] / "golden"

PROFILE = """\
schema_version = 1
name = "mine"
title = "Mine"
role = "primary"
version = "1.0"
installed_by = "hand"

[sources.here]
what = "a test"
version = "1.0"
date = 2026-11-01
kind = "documentation"
url = "https://example.org/"

[facts.workloads]
value = 1
text = "One."
source = "here"

[facts.min_kernel]
value = "5.10"
text = "Needs kernel 5.10."
source = "here"

[facts.windows]
value = true
text = "Runs there."
source = "here"

[options.more]
title = "more"
how = "a switch"

[options.more.facts.bgp]
value = true
text = "Speaks BGP."
source = "here"

[[notes]]
keys = ["policy"]
text = "Mind this."
source = "here"

[[migrations]]
from = ["flannel"]
live = true
text = "Easily."
source = "here"
"""


def refused(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        act()
    return caught.value.message, caught.value.hint


def test_a_whole_profile() -> None:
    profile = parse_profile(PROFILE, source="mine.toml")
    assert (profile.name, profile.facts["workloads"].value) == ("mine", 1.0)
    assert profile.options[0].facts["bgp"].option == "more"
    assert profile.notes[0].fact.text == "Mind this."
    assert profile.migrations[0].live


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ('title = "Mine"', "", "mine.toml: title is missing", ""),
        (
            'title = "Mine"',
            'titel = "Mine"',
            "mine.toml, line 3: titel is not a known key",
            "title",
        ),
        ("schema_version = 1", "schema_version = 2", "line 1: schema_version must be", ""),
        ('name = "mine"', 'name = "My CNI"', "line 2: name must be a word", ""),
        ('name = "mine"', 'name = "other"', "line 2: name must be another", ""),
        ('role = "primary"', 'role = "main"', "line 4: role must be primary or meta", ""),
        ("[facts.workloads]", "[facts.wrkloads]", "line 15: [facts] wrkloads is not", "workloads"),
        ("value = 1\n", 'value = "1"\n', "line 16: [facts.workloads] value must be a number", ""),
        ("value = 1\n", "value = -1\n", "line 16: [facts.workloads] value must be a number", ""),
        ("value = 1\n", "value = nan\n", "line 16: [facts.workloads] value must be a number", ""),
        ("value = 1\n", "value = inf\n", "line 16: [facts.workloads] value must be a number", ""),
        ("value = 1\n", "value = 1e400\n", "[facts.workloads] value must be a number", ""),
        ("value = 1\n", "", "line 15: [facts.workloads] value is missing", ""),
        ('value = "5.10"', "value = 5.10", "line 21: [facts.min_kernel] value must be text", ""),
        ('value = "5.10"', 'value = "-5.1"', "line 21: [facts.min_kernel] value must be a ver", ""),
        ('value = "5.10"', 'value = "new"', "line 21: [facts.min_kernel] value must be a vers", ""),
        ("[facts.min_kernel]", "[facts.crds]", "must be a number", ""),
        ('text = "One."', 'text = " "', "line 17: [facts.workloads] text must be text", ""),
        ('text = "One."', 'note = "One."', "[facts.workloads] note is not a known key", "there is"),
        ('source = "here"\n\n[facts.min', 'source = "her"\n\n[facts.min', "line 18", "here?"),
        ("date = 2026-11-01", 'date = "2026-11-01"', "line 11: [sources.here] date must be", ""),
        ('kind = "documentation"', 'kind = "hearsay"', "line 12: [sources.here] kind", "inference"),
        ('"https://example.org/"', '"http://example.org/"', "line 13: [sources.here] url", ""),
        ('how = "a switch"', "excludes = 3\nhow = 'x'", "[options.more] excludes must be a li", ""),
        ('how = "a switch"', 'how = "x"\nexcludes = ["les"]', "excludes or requires les", "more"),
        ('keys = ["policy"]', "keys = []", "[notes] keys must name an axis", ""),
        ('from = ["flannel"]', "from = []", "[migrations] from must name CNIs", ""),
        ("live = true", "live = 1", "[migrations] live must be true or false", ""),
    ],
)
def test_a_wrong_profile(old: str, new: str, message: str, hint: str) -> None:
    assert old in PROFILE
    said, told = refused(lambda: parse_profile(PROFILE.replace(old, new, 1), source="mine.toml"))
    assert said.startswith("mine.toml")
    assert message in said
    assert hint in told


def test_options_that_could_not_all_be_tried_are_refused() -> None:
    options = "".join(f'[options.o{n}]\ntitle = "o"\nhow = "h"\n' for n in range(MOST_OPTIONS))
    said, _ = refused(lambda: parse_profile(PROFILE + options, source="mine.toml"))
    assert "options must be at most 16, automatic ones not counted" in said


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse_profile("\ufeff" + PROFILE, source="mine.toml").name == "mine"
    wrong = "\ufeff" + PROFILE.replace("schema_version = 1", "schema_version = 2")
    assert "line 1: " in refused(lambda: parse_profile(wrong, source="mine.toml"))[0]


def test_every_primary_needs_some_kernel() -> None:
    text = (
        PROFILE[: PROFILE.index("[facts.min_kernel]")] + PROFILE[PROFILE.index("[facts.windows]") :]
    )
    assert "min_kernel" in refused(lambda: parse_profile(text, source="mine.toml"))[0]
    meta = text.replace('role = "primary"', 'role = "meta"')
    assert parse_profile(meta, source="mine.toml").facts


@pytest.mark.parametrize("text", ["= 1", "[a]\n[a]", "a" * 3 + " = [" * 3000])
def test_no_toml(text: str) -> None:
    assert "is not TOML" in refused(lambda: parse_profile(text, source="mine.toml"))[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("stale_after_days = 365", "stale_after_days = 0", "line 13: stale_after_days must be"),
        ('key = "workloads", least = 1', 'key = "wrkloads", least = 1', "no known fact: wrkloads"),
        ('key = "workloads", least = 1', 'key = "workloads"', "numbers have a least"),
        ('{ key = "policy_l7" }', '{ key = "policy_l7", least = 1 }', "numbers have a least"),
        ('worst_of = ["simplicity"', 'worst_of = ["simple"', "worst of simple"),
        ('by = "current"', 'by = "weather"', "[axes.continuity] by must be one of"),
        ('by = "current"', 'by = "current"\nworst_of = []', "exactly one"),
        ('headline = "policy_kubernetes"', 'headline = "policy"', "headline is not a known fact"),
        ("[axes.balance]", "[axes.middle]", "lacks [axes.balance]"),
    ],
)
def test_wrong_axes(old: str, new: str, message: str) -> None:
    text = (profiles() / "axes.toml").read_text()
    assert old in text
    said, _ = refused(lambda: parse_axes(text.replace(old, new, 1), source="axes.toml"))
    assert said.startswith("axes.toml")
    assert message in said


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('scale = "policy"', 'scale = "safety"', "[questions.policy] scale names no axis: safety"),
        ('needs = ["windows"]', 'needs = ["window"]', "needs window, which is no known fact"),
        ('kernel = "5.6"', 'kernel = "new"', "kernel must be a version"),
        ('adds = ["multus"]', 'adds = ["cilium"]', "adds cilium, which has no profile as a meta"),
        ("weights = { lightness = 2 }", "weights = { lightness = 9 }", "lightness must be"),
        ("weights = { lightness = 2 }", "weights = { light = 2 }", "names no axis: light"),
        ("fixed = true", "fixd = true", "[questions.cni_fixed] choices has an unknown key: fixd"),
        ('value = "k3s"', 'value = "other"', "each with its own value"),
        ("cnis = true", "", "exactly one of them"),
        ('policy_kubernetes = "policy_windows"', 'policy = "policy_windows"', "implies policy"),
    ],
)
def test_a_wrong_questionnaire(catalogue: Catalogue, old: str, new: str, message: str) -> None:
    text = (profiles() / "questionnaire.toml").read_text()
    assert old in text
    axes = [axis.name for axis in catalogue.axes]
    said, _ = refused(
        lambda: parse_questions(
            text.replace(old, new, 1), source="q.toml", profiles=catalogue.profiles, axes=axes
        )
    )
    assert said.startswith("q.toml, line ")
    assert message in said


def test_a_campaign_without_conditions() -> None:
    text = (profiles() / "reference" / "2024-01-ducastel.toml").read_text()
    wrong = text.replace("conditions", "cautions2")
    assert "cautions2 is not a known key" in refused(lambda: campaign_of(wrong))[0]
    bare = text[: text.index("conditions = [")] + text[text.index("cautions = [") :]
    assert "a figure means nothing" in refused(lambda: campaign_of(bare))[0]


OURS = """\
schema_version = 1
title = "Ours"
author = "us"
date = 2026-11-23
provenance = "our own runs"
conditions = ["two nodes"]

[[results]]
report = "ours/first.toml"

[[results]]
report = "ours/second.toml"
"""


def kept(folder: Path) -> Path:
    """A folder with two real reports that a campaign names."""
    (folder / "ours").mkdir()
    for name in ("first.toml", "second.toml"):
        copyfile(GOLDEN / "report-v1.toml", folder / "ours" / name)
    return folder


def test_a_campaign_names_reports(tmp_path: Path) -> None:
    campaign = campaign_of(OURS, kept(tmp_path))
    assert [(one.cni, one.variant, one.report) for one in campaign.results] == [
        ("flannel", "vxlan", tmp_path / "ours" / "first.toml"),
        ("flannel", "vxlan", tmp_path / "ours" / "second.toml"),
    ]
    assert campaign.reports == tuple(one.report for one in campaign.results)
    inline = OURS[: OURS.index("[[results]]")] + 'results = [\n  {report = "ours/first.toml"},\n]\n'
    assert len(campaign_of(inline, tmp_path).reports) == 1


@pytest.mark.parametrize("content", [None, "", "a = 1\n", "schema_version = 1\n", "= nothing"])
def test_a_report_that_is_none_is_an_error_at_its_line(tmp_path: Path, content: str | None) -> None:
    second = kept(tmp_path) / "ours" / "second.toml"
    second.unlink()
    if content is not None:
        second.write_text(content)
    said, _ = refused(lambda: campaign_of(OURS, tmp_path))
    assert said.startswith("x.toml, line 12: [results] report is no use: ")
    assert str(second) in said


def test_figures_are_not_typed_beside_a_report(tmp_path: Path) -> None:
    typed = f"{OURS}figures = {{ tcp_mbit_per_s = 9 }}\n"
    said, _ = refused(lambda: campaign_of(typed, kept(tmp_path)))
    assert said == "x.toml, line 13: [results] figures is not a known key"


def campaign_of(text: str, folder: Path = Path()) -> Campaign:
    return parse_campaign(text, name="x", source="x.toml", folder=folder, result_of=result_of)


# Answers


def test_answers_as_a_person_writes_them(catalogue: Catalogue) -> None:
    text = 'simplicity = 3\nwindows = true\nl7 = false\nkernel = "rhel8"\npolicy = "1"\n'
    assert parse_answers(text, source="a.toml", catalogue=catalogue) == {
        "simplicity": "3",
        "windows": "yes",
        "l7": "no",
        "kernel": "rhel8",
        "policy": "1",
    }


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("windoes = true", "windoes is not a known key", "did you mean windows?"),
        ('windows = "maybe"', "windows can't be maybe", '"no", "yes"'),
        ("simplicity = 4", "simplicity can't be 4", "3 (above all)"),
        ("simplicity = true", "simplicity can't be True", "0 (not at all)"),
        ("simplicity = 1.5", "simplicity can't be 1.5", "1 (a little)"),
        ("kernel = 5.10", "kernel can't be 5.1", "in quotes"),
        ('distribution = "rke"', "distribution can't be rke", "did you mean rke2?"),
        ('current = "weave"', "current can't be weave", '"flannel"'),
        ("encrypted = [1]", "encrypted can't be [1]", "ipsec"),
    ],
)
def test_wrong_answers_name_the_line(
    catalogue: Catalogue, line: str, message: str, hint: str
) -> None:
    text = f"# mine\n\nbalance = 1\n{line}\n"
    said, told = refused(lambda: parse_answers(text, source="a.toml", catalogue=catalogue))
    assert said == f"a.toml, line 4: {message}"
    assert hint in told


def test_an_answer_by_name(catalogue: Catalogue) -> None:
    assert checked("windows", "yes", catalogue).name == "windows"
    assert "no question" in refused(lambda: checked("nothing", "yes", catalogue))[0]
    assert "can't be" in refused(lambda: checked("windows", "3", catalogue))[0]


# A folder of one's own


def test_a_profile_is_added(tmp_path: Path) -> None:
    (tmp_path / "cnis").mkdir()
    (tmp_path / "cnis" / "any-name.toml").write_text(PROFILE)
    catalogue = known_catalogue(str(tmp_path))
    assert "mine" in [profile.name for profile in catalogue.primaries]
    current = catalogue.question("current")
    assert current is not None
    assert "mine" in [choice.value for choice in current.choices]


def test_a_profile_is_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "cnis").mkdir()
    text = PROFILE.replace('name = "mine"', 'name = "flannel"')
    (tmp_path / "cnis" / "mine.toml").write_text(text)
    profile = known_catalogue(str(tmp_path)).profile("flannel")
    assert profile is not None
    assert profile.title == "Mine"
    assert set(profile.facts) == {"workloads", "min_kernel", "windows"}


def test_axes_and_campaigns_are_replaced(tmp_path: Path) -> None:
    text = (profiles() / "axes.toml").read_text()
    (tmp_path / "axes.toml").write_text(
        text.replace("stale_after_days = 365", "stale_after_days = 9")
    )
    (tmp_path / "reference").mkdir()
    campaign = (profiles() / "reference" / "2024-01-ducastel.toml").read_text()
    (tmp_path / "reference" / "ours.toml").write_text(campaign)
    catalogue = known_catalogue(str(tmp_path))
    assert catalogue.stale_after_days == 9
    assert len(catalogue.campaigns) == len(shipped().campaigns) + 1


def test_a_wrong_folder(tmp_path: Path) -> None:
    said, told = refused(lambda: known_catalogue(str(tmp_path / "nowhere")))
    assert "nowhere is no folder" in said
    assert "cnis/*.toml" in told
    assert "holds nothing for the advisor" in refused(lambda: known_catalogue(str(tmp_path)))[0]
    (tmp_path / "cnis").mkdir()
    (tmp_path / "cnis" / "one.toml").write_text(PROFILE)
    (tmp_path / "cnis" / "two.toml").write_text(PROFILE)
    assert "both about mine" in refused(lambda: known_catalogue(str(tmp_path)))[0]
    (tmp_path / "cnis" / "two.toml").write_bytes(b"\xff")
    assert "not UTF-8" in refused(lambda: known_catalogue(str(tmp_path)))[0]
