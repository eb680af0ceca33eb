from decimal import Decimal

import pytest

from cniadvisor.domain.quantities import mebibytes, millicores, quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("2", "2"),
        ("100m", "0.1"),
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("2.", "2"),
        ("-1", "-1"),
        ("250u", "0.00025"),
        ("15n", "0.000000015"),
        ("1k", "1000"),
        ("129M", "129000000"),
        ("1Ki", "1024"),
        ("3Gi", "3221225472"),
        ("1e3", "1000"),
        ("1E-2", "0.01"),
        ("2E", "2000000000000000000"),
        (" 4 ", "4"),
    ],
)
def test_quantities_are_read_exactly(text: str, number: str) -> None:
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "x", "1KI", "1mi", "--1", "1e", "1.2.3", "1e9999999", "NaN"])
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert quantity(text) is None


def test_cpu_in_millicores_and_memory_in_mib() -> None:
    assert millicores("1500m") == 1500
    assert millicores("3920m") == 3920
    assert millicores("0.0015") == 1
    assert mebibytes("24684092Ki") == 24105
    assert mebibytes("nonsense") == 0
