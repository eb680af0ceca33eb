"""h2load against nginx: ``http-latency``, how long a request for 1 KiB takes at a fixed rate.

h2load's own summary has means only, so the percentiles come from its log, which stays in the pod:
``cniadvisor-h2load ARG...`` runs ``h2load ARG... --log-file=FILE`` with FILE on /scratch and lets
h2load's stdout and stderr pass. When h2load has ended with status 0 it prints one more line,

    {"event":"log","statuses":{"200":2000},"span_us":1993211,"latency_us":{"213":4,"214":9}}

``statuses`` counts the log's lines by their second column; ``latency_us`` counts the lines with
status 200 by their third column (microseconds until the end of the response): an exact histogram,
a few KiB whatever the number of requests. ``span_us`` is the time from the earliest start (first
column, microseconds) to the latest end (first plus third) of all lines; 0 without lines. h2load
does not tell when a server dies or hangs in mid-trial: requests that got no answer are not in its
log, its status is 0. The span tells. Keys are decimal integers as text, their order is free.
The log is removed. The exit status is h2load's, or 1 when the log cannot be read.
"""
