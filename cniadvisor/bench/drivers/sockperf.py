"""sockperf ping-pong: ``latency-tcp`` and ``latency-udp``, the round trip of 64-byte messages.

The servers are the services ``sockperf-tcp`` and ``sockperf-udp``; the client's output is read as
it is, without a script.
"""
