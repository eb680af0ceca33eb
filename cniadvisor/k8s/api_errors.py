"""What an API server can answer that a caller may want to tell apart.

All of them are :class:`~cniadvisor.domain.errors.ClusterError` (exit code 3), so that one that
nobody expected still ends as a sentence with the right exit code.
"""

from cniadvisor.domain.errors import ClusterError

__all__ = [
    "ConflictError",
    "GoneError",
    "InvalidError",
    "NotFoundError",
    "RefusedError",
    "ServerError",
    "StreamBrokenError",
]


class NotFoundError(ClusterError):
    """404: the object, or the whole resource, is not there."""


class ConflictError(ClusterError):
    """409: the object exists already, or it was changed meanwhile."""


class GoneError(ClusterError):
    """410: a continue token or resource version is too old."""


class InvalidError(ClusterError):
    """400 or 422: the API server understood the object and rejects it."""


class RefusedError(ClusterError):
    """403 by admission: a quota, a pod security level or a webhook, not a missing right."""


class ServerError(ClusterError):
    """429 or 5xx that retries did not cure, or an answer that is no Kubernetes answer."""

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class StreamBrokenError(ClusterError):
    """A log or watch stream broke before it ended."""
