"""OpenSSH scp: ``scp``, the goodput of one download over a session that is already logged in.

The scripts of the image (each says on stderr why it fails and then ends with a status above 0; 2
for wrong arguments):

- ``cniadvisor-ssh-key`` (client) makes /scratch/id if it is missing and prints its public half,
  one line ``ssh-ed25519 BASE64 COMMENT``.
- ``cniadvisor-ssh-allow 'PUBLIC KEY LINE'`` (server) makes that the only key in
  /scratch/authorized_keys and prints the server's public host key, one line like the above.
- ``cniadvisor-ssh-known ADDRESS PORT 'HOST KEY LINE'`` (client) makes that the only host in
  /scratch/known_hosts. Prints nothing.
- ``cniadvisor-object BYTES`` (server) makes the sparse file /data/scp.bin exactly that long and
  prints ``{"object":"/data/scp.bin","bytes":BYTES}``, BYTES as stat says.
- ``cniadvisor-scp ADDRESS PORT OBJECT CIPHER [LIMIT_KBIT_PER_S]`` (client) logs in as ``bench``
  (ControlMaster), then copies OBJECT (``/data/scp.bin``) to /dev/null through that session with
  ``scp -c CIPHER`` and, if given, ``-l LIMIT``. It prints two lines, the first as soon as the
  login is done and before scp starts:

      {"event":"running","login_seconds":0.105}
      {"event":"done","seconds":1.571,"received_bytes":268617616}

  ``seconds`` is scp's own run time; ``received_bytes`` is what the session's ssh counted
  (``Transferred: sent S, received R bytes`` in the master's log, LogLevel=VERBOSE, after
  ``ssh -O exit``), null when it did not say. The second line comes only when scp ended with 0;
  otherwise scp's or ssh's words are on stderr and the exit status is theirs. The session is ended
  on every way out. CIPHER is given to the master too: it is the one that encrypts.
"""
