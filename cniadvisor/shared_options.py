"""Options that several commands share: each set is said once, with its help."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., object])


class _CommonOption(click.Option):
    """One that nearly every command takes, so that no command's help is mostly about it."""


class CommandWithCommonOptions(click.Command):
    """A command whose help tells its own options first, the common ones after them."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both lists."""
        options = [one for one in self.get_params(ctx) if isinstance(one, click.Option)]
        own = [one for one in options if not isinstance(one, _CommonOption)]
        common = [one for one in options if isinstance(one, _CommonOption)]
        for title, listed in (("Options", own), ("Common options", common)):
            told = [record for one in listed if (record := one.get_help_record(ctx)) is not None]
            if told:
                with formatter.section(title):
                    formatter.write_dl(told)


class GroupOfCommands(click.Group):
    """A group whose commands tell their options so."""

    command_class = CommandWithCommonOptions
    group_class = type


def _together(*options: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    """Return one decorator for all of ``options``; the help tells them in this order."""

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_common_option = partial(click.option, cls=_CommonOption)

global_options = _together(
    _common_option("--context", help="Context of the kubeconfig."),
    _common_option(
        "--kubeconfig",
        help="Kubeconfig file (default: KUBECONFIG, ~/.kube/config, in-cluster).",
    ),
    _common_option(
        "--namespace",
        "-n",
        help="Namespace to work in; without it a run makes one of its own.",
    ),
    _common_option(
        "--read-only",
        is_flag=True,
        help="Refuse whatever would create or delete something.",
    ),
    _common_option(
        "--quiet",
        "-q",
        is_flag=True,
        help="Of a run, tell only warnings and errors: no plan, no report.",
    ),
    _common_option("--verbose", "-v", is_flag=True, help="Tell every sample too."),
)
"""Context, namespace and how much is told; every command takes them."""

threshold_options = _together(
    click.option(
        "--fail-below",
        multiple=True,
        metavar="TEST=RATIO",
        help="Exit 1 if a ratio's whole interval is below: tcp=0.9. May be repeated.",
    ),
    click.option(
        "--fail-above",
        multiple=True,
        metavar="TEST=RATIO",
        help="Exit 1 if it is above: latency-tcp=1.5. May be repeated.",
    ),
)
"""What a pipeline fails on."""

suite_options = _together(
    click.option("--suite", help="quick (default), standard, thorough or a FILE."),
    click.option(
        "--tests",
        metavar="NAME,...",
        help="These tests instead of the suite's; any are allowed.",
    ),
    click.option("--repeats", type=click.IntRange(1, 100), help="Rounds, instead of the suite's."),
    click.option(
        "--duration",
        type=click.IntRange(1, 600),
        help="Seconds a trial, instead of the suite's.",
    ),
    click.option(
        "--max-rate",
        metavar="MBIT",
        type=click.FloatRange(min=0.1),
        help="Never more than this, Mbit/s.",
    ),
    click.option("--seed", type=click.IntRange(0), help="Order of the trials (default: random)."),
)
"""What chooses a suite and changes it, and how its trials are run."""

pods_options = _together(
    click.option(
        "--client-node",
        metavar="NODE",
        help="Node of the client, which receives (default: chosen).",
    ),
    click.option(
        "--server-node", metavar="NODE", help="Node of the server, which sends (default: chosen)."
    ),
    click.option(
        "--image", metavar="REF", help="Image the pods run (default: the one built here)."
    ),
    click.option("--image-pull-secret", metavar="NAME", help="Pull secret in the namespace."),
)
"""Where pods of ours go, and what they run."""

agreeing_options = _together(
    click.option("--dry-run", is_flag=True, help="Show the plan and every object; create nothing."),
    click.option("--yes", "-y", is_flag=True, help="Go on without asking."),
    click.option(
        "--confirm-context", metavar="NAME", help="Say yes to a protected context by its name."
    ),
)
"""Looking before something is created, or going on without asking."""

profiles_option = click.option(
    "--profiles", metavar="DIR", help="Profiles that add to the advisor's or replace them."
)
"""What the advisor knows beside what ships."""
