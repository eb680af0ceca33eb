"""Published campaigns: what was found, by whom, under which conditions; apart from own runs."""

from collections.abc import Collection, Mapping, Sequence

from cniadvisor.advise.reference import Campaign, Result
from cniadvisor.domain.text import printable
from cniadvisor.wording.words import WIDTH, rate, wrapped

_UNITS = (
    ("_mbit_per_s", "Mbit/s"),
    ("_millicores_per_gbit_per_s", "millicores per Gbit/s"),
    ("_memory_mb", "MB of memory"),
)


def campaign_lines(
    campaigns: Sequence[Campaign], cnis: Collection[str], *, width: int = WIDTH
) -> list[str]:
    """Return every campaign with its conditions, its results for ``cnis``, and its cautions."""
    lines: list[str] = []
    for campaign in campaigns:
        results = [result for result in campaign.results if result.cni in cnis]
        if results:
            lines += head_lines(campaign, width=width)
            for title, told in (
                ("Conditions", campaign.conditions),
                ("Results", [result_words(result) for result in results]),
                ("Cautions", campaign.cautions),
            ):
                lines.append(f"  {title}")
                for text in map(printable, told):
                    lines += wrapped(text, indent="    ", first="  - ", width=width)
    return lines


def head_lines(campaign: Campaign, *, width: int = WIDTH) -> list[str]:
    """Return what a campaign is, whose, and where; the address on a line of its own, unbroken."""
    place = printable(campaign.url or campaign.data_url)
    return [
        *wrapped(campaign_words(campaign), indent="  ", first="- ", width=width),
        *([f"  {place}"] if place else []),
    ]


def campaign_words(campaign: Campaign) -> str:
    """Return what a campaign is, and whose."""
    return printable(
        f"{campaign.title}, by {campaign.author}, {campaign.date}; {campaign.provenance}"
    )


def result_words(result: Result) -> str:
    """Return one result in a line: ``cilium 1.15.2, IPsec: tcp 1 stream 4.77 Gbit/s, ...``."""
    name = " ".join(filter(None, (result.cni, result.version)))
    head = ", ".join(filter(None, (name, result.variant)))
    figures = ", ".join(figure_words(result.figures))
    return printable(f"{head}: {'; '.join(filter(None, (result.text, figures)))}")


def figure_words(figures: Mapping[str, float]) -> list[str]:
    """Return figures with their units: ``idle node 1258 MB of memory``."""
    return [_figure(name, value) for name, value in figures.items()]


def _figure(name: str, value: float) -> str:
    for suffix, unit in _UNITS:
        if name.endswith(suffix):
            label = name.removesuffix(suffix).replace("_", " ")
            label = label.replace("tcp", "TCP").replace("udp", "UDP").replace("cpu", "CPU")
            shown = rate(value) if unit == "Mbit/s" else f"{value:g} {unit}"
            return f"{label} {shown}"
    return f"{name.replace('_', ' ')} {value:g}"
