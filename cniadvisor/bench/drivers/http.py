"""wrk against nginx: ``http``, the goodput of 1 MiB objects over kept-alive connections.

What wrk prints for people is rounded and binary, so a Lua script in the image,
``/usr/local/share/cniadvisor/wrk.lua``, tells wrk's own counts. Its output format, one JSON object
a line among wrk's other lines, each flushed as soon as it is written:

- when wrk sets up its first thread (``setup()``): ``{"event":"running"}``
- at the end (``done()``): ``{"event":"done","bytes":B,"duration_us":U,"requests":N,"errors":
  {"connect":0,"read":0,"write":0,"status":0,"timeout":0}}``, all numbers printed with ``%.0f``
  (``%d`` of a double above 2^31 is not safe in LuaJIT).
"""
