"""The configuration file: what wins, what is refused, and the commands about it."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.commands.bench_choices import BenchOptions
from cniadvisor.config_file import (
    KEYS,
    Config,
    Setting,
    Value,
    bindings,
    parse_config,
    read_config,
    settle,
    template,
)
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.settings import PROTECTED_CONTEXTS, Settings, is_protected
from cniadvisor.domain.toml_lines import line_of
from cniadvisor.tui.keymap import known_ids
from tests.unit.commands.program import Program

FILE = """\
context = "of-file"
kubeconfig = "/of/file"
namespace = "of-file"
read_only = true
protected_contexts = ["*customer*"]
suite = "standard"
image = "registry.example/of-file"
image_pull_secret = "of-file"
"""


@pytest.fixture
def config_file(nobody_s_configuration: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        nobody_s_configuration.parent.mkdir(parents=True, exist_ok=True)
        nobody_s_configuration.write_text(text)
        return nobody_s_configuration

    return write


# -- what wins


def test_flag_over_environment_over_file_over_default() -> None:
    config = parse_config('context = "file"', source="config.toml")
    variable = {"CNIADVISOR_CONTEXT": "variable"}
    cases: list[tuple[dict[str, Value], dict[str, str], Config, tuple[Value, str]]] = [
        ({"context": "flag"}, variable, config, ("flag", "option --context")),
        ({}, variable, config, ("variable", "environment CNIADVISOR_CONTEXT")),
        ({}, {"CNIADVISOR_CONTEXT": ""}, config, ("file", "config.toml, line 1")),
        ({}, {}, {}, (None, "default")),
    ]
    for flags, environment, file, expected in cases:
        settled = settle(flags, environment, file)["context"]
        assert (settled.value, settled.origin) == expected


def test_every_key_can_be_set_by_a_variable() -> None:
    told = {key.name: key.choices[0] if key.choices else "1" for key in KEYS}
    environment = {key.variable: told[key.name] for key in KEYS}
    for key in KEYS:
        one = settle({}, environment, {})[key.name]
        assert one.origin == f"environment {key.variable}"
        expected = {"read_only": True, "protected_contexts": ("1",)}.get(key.name, told[key.name])
        assert one.value == expected


@pytest.mark.parametrize(("told", "value"), [("TRUE", True), ("on", True), ("0", False)])
def test_a_variable_may_say_no(told: str, value: bool) -> None:
    config = parse_config("read_only = true", source="c")
    assert settle({}, {"CNIADVISOR_READ_ONLY": told}, config)["read_only"].value is value


def test_a_variable_that_says_neither_is_refused() -> None:
    with pytest.raises(UsageError, match="CNIADVISOR_READ_ONLY must be true or false, not maybe"):
        settle({}, {"CNIADVISOR_READ_ONLY": "maybe"}, {})


def test_a_variable_lists_by_comma() -> None:
    environment = {"CNIADVISOR_PROTECTED_CONTEXTS": "*a*, b ,"}
    assert settle({}, environment, {})["protected_contexts"].value == ("*a*", "b")


def test_the_file_protects_other_contexts() -> None:
    assert is_protected("Customer-1", ("*CUSTOMER*",))
    assert not is_protected("prod", ("*customer*",))
    assert not is_protected("prod", ())


@pytest.mark.parametrize("before", [True, False])
def test_a_command_gets_what_holds(
    program: Program,
    config_file: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    before: bool,
) -> None:
    config_file(FILE)
    monkeypatch.setenv("CNIADVISOR_NAMESPACE", "of-variable")
    monkeypatch.setenv("CNIADVISOR_CONTEXT", "of-variable")
    seen: list[tuple[Settings, BenchOptions]] = []

    def took(settings: Settings, options: BenchOptions) -> int:
        seen.append((settings, options))
        return 0

    monkeypatch.setattr("cniadvisor.commands.bench.run_bench", took)
    flag = ["--context", "of-flag"]
    words = [*flag, "bench", "-q"] if before else ["-q", "bench", *flag]
    words.append("--headless")
    assert program(*words, "--suite", "thorough")[0] == 0
    ((settings, options),) = seen
    assert settings == Settings(
        context="of-flag",
        kubeconfig="/of/file",
        namespace="of-variable",
        read_only=True,
        quiet=True,
        protected_contexts=("*customer*",),
    )
    assert (options.suite, options.image) == ("thorough", "registry.example/of-file")
    assert options.image_pull_secret == "of-file"


def test_a_flag_after_the_command_wins_over_one_before_it(
    program: Program, config_file: Callable[[str], Path]
) -> None:
    config_file(FILE)
    code, out, _ = program("--context", "early", "config", "show", "--context", "late")
    assert code == 0
    assert "context             late " in out


def test_without_a_file_nothing_changes(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Settings, Any]] = []

    def took(settings: Settings, options: Any) -> int:
        seen.append((settings, options))
        return 0

    monkeypatch.setattr("cniadvisor.commands.bench.run_bench", took)
    assert program("bench", "--headless")[0] == 0
    ((settings, options),) = seen
    assert settings == Settings(protected_contexts=PROTECTED_CONTEXTS)
    assert (options.suite, options.image) == ("quick", None)


# -- what is refused


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ('\n\ncontxt = "x"', "c.toml, line 3: unknown key: contxt", "did you mean context?"),
        ("[colours]\nred = 1", "c.toml, line 1: unknown key: colours", "there is context"),
        ("# context\ncontext = 3", "c.toml, line 2: context must be a text", 'context = "staging"'),
        ('context = ""', "c.toml, line 1: context must be a text, not empty", "staging"),
        ('read_only = "yes"', "line 1: read_only must be true or false", "read_only = true"),
        ("protected_contexts = 'x'", "protected_contexts must be a list of texts", '["*prod*"'),
        ("protected_contexts = [1]", "protected_contexts must be a list of texts", ""),
        ("protected_contexts = ['']", "protected_contexts must be a list of texts", ""),
        ("context = ", "c.toml is not TOML", ""),
        ("x = " + "[" * 5000, "c.toml is not TOML", ""),
        ('"\\u001b[31m" = 1', "unknown key: [31m", "there is"),
    ],
)
def test_a_fault_is_named_with_file_and_line(text: str, words: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_config(text, source="c.toml")
    assert words in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.message.isprintable()


@given(st.text(max_size=60))
def test_any_text_is_a_configuration_or_a_usage_error(text: str) -> None:
    fault = None
    try:
        parse_config(text, source="c.toml")
    except UsageError as error:
        fault = error
    assert fault is None or (fault.message.startswith("c.toml") and fault.message.isprintable())


def test_an_empty_list_protects_nothing_and_a_home_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    config = parse_config('protected_contexts = []\nkubeconfig = "~/k"', source="c")
    assert config["protected_contexts"].value == ()
    assert config["kubeconfig"].value == "/home/somebody/k"


def test_a_wrong_file_is_two_and_help_still_works(
    program: Program, config_file: Callable[[str], Path]
) -> None:
    place = config_file("contxt = 1\n")
    code, out, err = program("detect")
    assert (code, out) == (2, "")
    assert f"{place}, line 1: unknown key: contxt" in err
    for words in (["--help"], ["detect", "--help"], ["config", "path"], ["--version"]):
        assert program(*words)[0] == 0


@pytest.mark.parametrize("content", [None, b"\xff", "folder"])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | str | None) -> None:
    place = tmp_path / "mine.toml"
    if content == "folder":
        place.mkdir()
    elif isinstance(content, bytes):
        place.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_config({"CNIADVISOR_CONFIG": str(place)})
    assert str(place) in caught.value.message


# -- the commands


def test_show_tells_where_each_value_came_from(
    program: Program, config_file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = config_file('# mine\ncontext = "staging"\n')
    monkeypatch.setenv("CNIADVISOR_SUITE", "thorough")
    code, out, err = program("config", "show", "--namespace", "team")
    assert (code, err) == (0, "")
    told = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()[1:]}
    assert set(told) == {key.name for key in KEYS}
    assert told["context"] == f"staging {place}, line 2"
    assert told["suite"] == "thorough environment CNIADVISOR_SUITE"
    assert told["namespace"] == "team option --namespace"
    assert told["read_only"] == "false default"
    assert told["image"] == "not set default"
    assert told["protected_contexts"] == "*prod*, *prd*, *live* default"


def test_path_and_init(program: Program, nobody_s_configuration: Path) -> None:
    assert program("config", "path") == (0, f"{nobody_s_configuration}\n", "")
    assert not nobody_s_configuration.exists()
    assert program("config", "init") == (0, f"{nobody_s_configuration}\n", "")
    assert nobody_s_configuration.read_text() == template()
    code, out, err = program("config", "init")
    assert (code, out) == (2, "")
    assert "is there already" in err
    code, out, _ = program("config", "show")
    assert code == 0
    assert str(nobody_s_configuration) not in out, "the template sets nothing"


def test_init_where_nothing_can_be_made(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNIADVISOR_CONFIG", str(tmp_path / "file" / "config.toml"))
    code, _, err = program("config", "init")
    assert code == 2
    assert "cannot write" in err or "is there already" in err


def test_the_template_uncommented_is_a_valid_file() -> None:
    lines = [
        line.removeprefix("# ")
        for line in template().splitlines()
        if " = " in line or line == "# [keys]"
    ]
    config = parse_config("\n".join(lines), source="template")
    assert {name for name in config if not name.startswith("keys.")} == {key.name for key in KEYS}
    assert set(bindings(config)) <= set(known_ids())
    assert bindings(config)
    assert tomllib.loads(template()) == {}


def test_keys_are_read_quoted_or_as_tables_with_their_lines() -> None:
    config = parse_config('[keys]\n"live.pause" = "p"\n[keys.app]\nquit = "x"\n', source="c")
    told = bindings(config)
    assert told["live.pause"] == Setting(value="p", origin="c, line 2")
    assert told["app.quit"].value == "x"


@pytest.mark.parametrize("text", ["keys = 1", '[keys]\n"live.pause" = 1', '[keys]\n"a.b" = " "'])
def test_keys_that_are_none_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_config(text, source="c")
    assert "[keys]" in raised.value.hint
    assert raised.value.message.startswith("c, line")


def test_a_choice_is_one_of_few() -> None:
    with pytest.raises(UsageError, match="theme must be dark, light or ansi"):
        parse_config('theme = "pink"', source="c")
    with pytest.raises(UsageError, match="CNIADVISOR_CHART_MARKER must be braille, block or ascii"):
        settle({}, {"CNIADVISOR_CHART_MARKER": "dots"}, {})


def test_an_own_file_by_variable(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "mine.toml"
    place.write_text('suite = "standard"\n')
    monkeypatch.setenv("CNIADVISOR_CONFIG", str(place))
    assert program("config", "path")[1] == f"{place}\n"
    assert f"{place}, line 1" in program("config", "show")[1]
    assert "CNIADVISOR_CONFIG" in os.environ


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a = 1\nb = 2", "b", 2),
        ("# b = 1\n[b]\n", "b", 2),
        ('"b" = 1', "b", 1),
        ("x = {b = 1}", "b", None),
        ("bb = 1", "b", None),
    ],
)
def test_lines_of_keys(text: str, key: str, line: int | None) -> None:
    assert line_of(text, key) == line
