"""Units are decimal everywhere (1 Mbit = 10^6 bit); bytes become bits here and nowhere else."""

BITS_PER_BYTE = 8
MEGA = 1e6


def mbit_per_s(byte_count: float, seconds: float) -> float:
    """Return the rate in Mbit/s of ``byte_count`` bytes in ``seconds`` (must be positive)."""
    return byte_count * BITS_PER_BYTE / seconds / MEGA


def mbit_per_s_of_bits(bits_per_s: float) -> float:
    """Return a rate given in bit/s as Mbit/s."""
    return bits_per_s / MEGA


def bits_per_s_of_mbit(rate_mbit_per_s: float) -> float:
    """Return a rate given in Mbit/s as bit/s."""
    return rate_mbit_per_s * MEGA


def bytes_per_s_of_mbit(rate_mbit_per_s: float) -> float:
    """Return a rate given in Mbit/s as bytes/s."""
    return rate_mbit_per_s * MEGA / BITS_PER_BYTE


def gigabytes(rate_mbit_per_s: float, seconds: float) -> float:
    """Return how many GB (10^9 bytes) a rate moves in so many seconds."""
    return rate_mbit_per_s * MEGA * seconds / BITS_PER_BYTE / 1e9
