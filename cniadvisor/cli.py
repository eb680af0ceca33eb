"""The command line: options and their help. What a command does is in ``commands/``.

Nothing heavy is imported here; each command imports its module when it runs.
stdout is data only, everything else goes to stderr.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from cniadvisor import __version__
from cniadvisor.domain.errors import ExitCode
from cniadvisor.domain.settings import Settings
from cniadvisor.ending import ended, say
from cniadvisor.shared_options import (
    GroupOfCommands,
    agreeing_options,
    global_options,
    pods_options,
    profiles_option,
    suite_options,
    threshold_options,
)

if TYPE_CHECKING:
    from cniadvisor.config_file import Preferences, Setting


def _settled(ctx: click.Context) -> "Mapping[str, Setting]":
    """Return what holds: flag over environment over file; a flag after the command's name first."""
    from cniadvisor.config_file import KEYS, read_config, settle

    flags = {
        key.name: place.params[key.name]
        for place in (ctx.find_root(), ctx)
        for key in KEYS
        if _said(place, key.name)
    }
    return settle(flags, os.environ, read_config(os.environ))


def _said(ctx: click.Context, name: str) -> bool:
    """Whether an option was given on the command line."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _merge(ctx: click.Context, given: dict[str, object]) -> Settings:
    """Take the global options out of a command's arguments; set the others that may be in a file.

    Raises:
        UsageError: the environment or the configuration file is wrong.
    """
    settled = _settled(ctx)
    for name in settled.keys() & given.keys():
        given[name] = settled[name].value
    shared = {name: given.pop(name) for name in Settings.__slots__ if name in given}
    for name in ("quiet", "verbose"):
        shared[name] = bool(shared[name] or ctx.find_root().params[name])
    shared |= {name: settled[name].value for name in ("protected_contexts", "profiles")}
    return Settings(**shared)  # pyright: ignore[reportArgumentType] - checked to be of these types


@click.group(
    cls=GroupOfCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    invoke_without_command=True,
)
@click.version_option(__version__, "--version", "-V", message="cniadvisor %(version)s")
@click.option("--plain", is_flag=True, help="A numbered menu in plain lines instead of the app.")
@click.option("--theme", type=click.Choice(["dark", "light", "ansi"]), help="Colours of the app.")
@click.option(
    "--chart-marker",
    type=click.Choice(["braille", "block", "ascii"]),
    help="What the app draws charts with.",
)
@profiles_option
@global_options
@click.pass_context
def root(ctx: click.Context, plain: bool, **given: object) -> int | None:
    """Which CNI does this cluster run, what does it cost, would another suit better?

    Without a command: the app, in a terminal. Begin otherwise with `cniadvisor detect`: it only
    reads. `cniadvisor bench --dry-run` shows what a benchmark would create. `cniadvisor lab` and
    `cniadvisor advise` need no cluster.
    """
    if ctx.invoked_subcommand is not None:
        if plain:
            raise click.UsageError("--plain is for `cniadvisor` without a command")
        return None
    settings = _merge(ctx, given)
    if plain:
        from cniadvisor.commands.plain import run_plain

        return run_plain(settings)
    from cniadvisor.commands.app import open_app

    return open_app(settings, _preferences(ctx))


def _preferences(ctx: click.Context) -> "Preferences":
    """Return how the app shall look and be operated.

    Raises:
        UsageError: the environment or the configuration file is wrong.
    """
    from cniadvisor.config_file import Preferences, bindings, read_config

    return Preferences(settled=_settled(ctx), bindings=bindings(read_config(os.environ)))


@root.command()
@click.option(
    "--output",
    type=click.Choice(["text", "toml", "json"]),
    default="text",
    show_default=True,
    help="Form of the result on stdout.",
)
@click.option("--explain", is_flag=True, help="Evidence for and against each candidate.")
@click.option("--inventory", metavar="FILE", help="Read this saved inventory, not a cluster.")
@click.option("--save-inventory", metavar="FILE", help="Keep what was read, secrets redacted.")
@global_options
@click.pass_context
def detect(
    ctx: click.Context,
    output: str,
    explain: bool,
    inventory: str | None,
    save_inventory: str | None,
    **given: object,
) -> int:
    """Tell which CNI the cluster runs and how, and why we think so.

    Reads only; needs no more than the rights of the `view` role plus reading nodes.
    """
    from cniadvisor.commands.detect import run_detect

    return run_detect(
        _merge(ctx, given),
        output=output,
        explained=explain,
        inventory_file=inventory,
        save_to=save_inventory,
    )


@root.command()
@click.option("--headless", is_flag=True, help="Plain lines on stderr, the report to a file.")
@suite_options
@pods_options
@click.option(
    "--probe",
    type=click.Choice(["policy"]),
    help="Try first whether NetworkPolicy is enforced; less than a minute.",
)
@click.option("--out", metavar="FILE", help="Where the report goes; - is stdout.")
@click.option("--record", metavar="FILE", help="Keep every event here, for `cniadvisor replay`.")
@threshold_options
@agreeing_options
@global_options
@click.pass_context
def bench(ctx: click.Context, **given: object) -> int:
    """Measure the pod network against the nodes' own network.

    Creates a few pods on two nodes, shows them first and removes them whatever happens. Without
    --headless the app opens with this plan.
    """
    from cniadvisor.commands.bench_choices import BenchOptions

    merged = _merge(ctx, given)
    options = BenchOptions(**given)  # pyright: ignore[reportArgumentType]
    if options.headless or options.dry_run:
        from cniadvisor.commands.bench import run_bench

        return run_bench(merged, options)
    from cniadvisor.commands.bench_app import run_bench_app

    return run_bench_app(merged, options, _preferences(ctx))


@root.command()
@click.option("--headless", is_flag=True, help="Plain lines on stderr, the reports to files.")
@click.option(
    "--wiring",
    metavar="NAME,...",
    default="flannel-vxlan,flannel-host-gw",
    show_default=True,
    help="How pods are wired; also calico-routed, calico-vxlan, canal.",
)
@click.option(
    "--wire",
    type=click.Choice(["1gbit", "10gbit"]),
    help="Shape the wire between the nodes (default: as fast as the CPU).",
)
@click.option(
    "--delay",
    metavar="MS",
    type=click.FloatRange(min=0.01, max=1000),
    help="Add to the round trip between the nodes, where the kernel can.",
)
@suite_options
@click.option("--out", metavar="DIR", help="Where the reports go, one for each wiring.")
@click.option("--record", metavar="DIR", help="Keep every event here, for `cniadvisor replay`.")
@threshold_options
@click.option("--dry-run", is_flag=True, help="Show the plan and every step; make nothing.")
@global_options
@click.pass_context
def lab(ctx: click.Context, **given: object) -> int:
    """Measure CNIs' wirings on this machine, without a cluster.

    Makes two nodes with a pod each of network namespaces, wires them as CNIs do, and runs the same
    benchmarks there. Nothing is installed, and nothing of the machine is changed.
    """
    from cniadvisor.commands.lab_choices import LabOptions

    merged = _merge(ctx, given)
    options = LabOptions(**given)  # pyright: ignore[reportArgumentType]
    if options.headless or options.dry_run:
        from cniadvisor.commands.lab import run_lab

        return run_lab(merged, options)
    from cniadvisor.commands.lab_app import run_lab_app

    return run_lab_app(merged, options, _preferences(ctx))


@root.command()
@click.option(
    "--answers", metavar="FILE", help="Answers as TOML; asks nothing. See docs/advisor.md."
)
@click.option(
    "--priority",
    type=click.Choice(["simplicity", "policy", "encryption", "balance"]),
    help="This counts and the other three don't; asks nothing.",
)
@click.option(
    "--report",
    multiple=True,
    metavar="FILE",
    help="Own measurements as evidence. May be repeated.",
)
@profiles_option
@click.option("--inventory", metavar="FILE", help="Pre-fill from this saved inventory.")
@click.option("--no-cluster", is_flag=True, help="Pre-fill from no cluster.")
@click.option("--references", is_flag=True, help="Show the campaigns' figures in full.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Form of the result; Markdown is a decision record.",
)
@global_options
@click.pass_context
def advise(ctx: click.Context, **given: object) -> int:
    """Recommend a CNI from what you need and what was measured.

    With reasons and their sources. Asks in a terminal; what the cluster tells is pre-filled. Needs
    no cluster, and only reads.
    """
    from cniadvisor.commands.advise import AdviseOptions, run_advise

    merged = _merge(ctx, given)
    return run_advise(merged, AdviseOptions(**given))  # pyright: ignore[reportArgumentType]


@root.command()
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@global_options
@click.pass_context
def show(ctx: click.Context, reports: tuple[str, ...], **given: object) -> int:
    """Print reports for a person."""
    from cniadvisor.commands.show import run_show

    return run_show(_merge(ctx, given), reports)


@root.command()
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@click.option("--insist", is_flag=True, help="Compare reports of unlike conditions, too.")
@click.option("--raw", is_flag=True, help="Show the medians, too: they are the machines' also.")
@global_options
@click.pass_context
def compare(
    ctx: click.Context, reports: tuple[str, ...], insist: bool, raw: bool, **given: object
) -> int:
    """Set reports side by side: the ratio of each to its own baseline.

    Refuses reports that were not measured under like conditions, and says which.
    """
    from cniadvisor.commands.compare import run_compare

    return run_compare(_merge(ctx, given), reports, insist=insist, raw=raw)


@root.command()
@click.argument("reports", nargs=-1, metavar="REPORT...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "markdown"]),
    default="csv",
    show_default=True,
    help="Form of the result.",
)
@click.option(
    "--table",
    type=click.Choice(["trials", "summaries", "comparisons", "samples"]),
    default="trials",
    show_default=True,
    help="What the CSV has a row for.",
)
@click.option("--out", metavar="FILE", help="Where it goes (default: stdout).")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a report instead.")
@global_options
@click.pass_context
def export(ctx: click.Context, **given: object) -> int:
    """Turn reports into CSV, JSON or Markdown."""
    from cniadvisor.commands.export import ExportOptions, run_export

    if _said(ctx, "table") and given["form"] != "csv":
        raise click.UsageError("--table is for CSV: leave it or --format away")
    merged = _merge(ctx, given)
    return run_export(merged, ExportOptions(**given))  # pyright: ignore[reportArgumentType]


@root.command()
@click.argument("recording", metavar="[RECORDING]", required=False, type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Watch it in the app, as it happened.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.25, max=1024),
    default=1.0,
    show_default=True,
    help="With --live: recorded seconds that pass in one.",
)
@click.option("--out", metavar="FILE", help="Write the report too; - is stdout.")
@threshold_options
@global_options
@click.pass_context
def replay(ctx: click.Context, live: bool, speed: float, **given: object) -> int:
    """Tell a recorded run again, as it was told.

    Without RECORDING the one that ships with cniadvisor. Needs no cluster. Exit codes are those of
    the thresholds given here.
    """
    from cniadvisor.commands.replay import ReplayOptions, run_replay

    if _said(ctx, "speed") and not live:
        raise click.UsageError("--speed is for --live: otherwise all is told at once")
    merged = _merge(ctx, given)
    options = ReplayOptions(**given)  # pyright: ignore[reportArgumentType]
    if live:
        from cniadvisor.commands.replay_app import run_replay_app

        return run_replay_app(merged, options, _preferences(ctx), speed=speed)
    return run_replay(merged, options)


@root.command()
@click.option("--run", "run_id", metavar="ID", help="Only this run's objects.")
@click.option("--all", "every", is_flag=True, help="Runs that may still be going on, too.")
@click.option("--dry-run", is_flag=True, help="Only list what would be removed.")
@global_options
@click.pass_context
def cleanup(
    ctx: click.Context, run_id: str | None, every: bool, dry_run: bool, **given: object
) -> int:
    """Remove what earlier runs left behind.

    Only objects with our labels; a run that may still be going on is left alone.
    """
    from cniadvisor.commands.cleanup import run_cleanup

    return run_cleanup(_merge(ctx, given), run_id=run_id, every=every, dry_run=dry_run)


@root.group()
def probe() -> None:
    """Try on the cluster what no configuration can be trusted to tell."""


@probe.command("policy")
@pods_options
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the result on stdout.",
)
@agreeing_options
@global_options
@click.pass_context
def probe_policy(ctx: click.Context, **given: object) -> int:
    """Try whether NetworkPolicy is enforced, in about a minute.

    Makes two pods of its own and four policies that select them, shows them first and removes them
    whatever happens.
    """
    from cniadvisor.commands.probe import ProbeOptions, run_probe

    merged = _merge(ctx, given)
    return run_probe(merged, ProbeOptions(**given))  # pyright: ignore[reportArgumentType]


@root.group()
def image() -> None:
    """Make the image the pods run."""


@image.command("build")
@click.option(
    "--tool",
    type=click.Choice(["auto", "docker", "podman", "buildah"]),
    default="auto",
    show_default=True,
    help="Container tool to build with.",
)
@click.option("--base", metavar="REF", help="Debian trixie base image (default: docker.io's).")
@global_options
@click.pass_context
def image_build(ctx: click.Context, tool: str, base: str | None, **given: object) -> int:
    """Build the image and remember it; `bench` then uses it."""
    from cniadvisor.commands.image import run_build

    return run_build(_merge(ctx, given), tool=tool, base=base)


@image.command("load")
@click.option("--archive", metavar="FILE", help="Keep the image archive in this file.")
@global_options
@click.pass_context
def image_load(ctx: click.Context, archive: str | None, **given: object) -> int:
    """Put the image on this node, or say how to put it on yours.

    Where this machine runs a plain containerd the image is put there. Otherwise the commands for
    kind, minikube, k3s, containerd and a registry are printed.
    """
    from cniadvisor.commands.image import run_load

    return run_load(_merge(ctx, given), archive=archive)


@root.command()
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["detect", "bench", "probe"]),
    default="bench",
    show_default=True,
    help="What somebody shall be able to do; each includes those before it.",
)
@global_options
@click.pass_context
def rbac(ctx: click.Context, purpose: str, **given: object) -> int:
    """Print the least rights as YAML, each with its reason.

    A ClusterRole for `kubectl apply`; how it is given to somebody stands above it.
    """
    from cniadvisor.commands.rbac import run_rbac

    return run_rbac(_merge(ctx, given), purpose)


@root.command()
@global_options
@click.pass_context
def info(ctx: click.Context, **given: object) -> int:
    """Print versions, paths, the image and the context in use."""
    from cniadvisor.commands.info import run_info

    return run_info(_merge(ctx, given))


@root.group()
def config() -> None:
    """Find, show or begin the configuration file."""


@config.command("path")
def config_path() -> int:
    """Print where the file is, or would be."""
    from cniadvisor.commands.config import run_path

    return run_path(os.environ)


@config.command("show")
@global_options
@click.pass_context
def config_show(ctx: click.Context, **_given: object) -> int:
    """Print every value in force, and where it came from."""
    from cniadvisor.commands.config import run_show
    from cniadvisor.config_file import read_config

    bound = {name: one for name, one in read_config(os.environ).items() if "." in name}
    return run_show({**_settled(ctx), **bound})


@config.command("init")
def config_init() -> int:
    """Write a file that sets nothing and shows every key."""
    from cniadvisor.commands.config import run_init

    return run_init(os.environ)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; no traceback reaches the user."""

    def commanded() -> object:
        try:
            return root.main(arguments, prog_name="cniadvisor", standalone_mode=False)
        except click.exceptions.Exit as done:
            return done.exit_code
        except click.Abort:
            say("stopped; nothing was created")
            return ExitCode.INTERRUPTED
        except click.ClickException as error:
            error.show()
            return ExitCode.USAGE

    return ended(commanded)
