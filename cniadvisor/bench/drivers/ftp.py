"""curl against vsftpd: ``ftp``, the goodput of one download in passive mode.

``cniadvisor-ftp-config ADDRESS PORT OBJECT`` (client end) writes /scratch/ftp.curl (mode 0600) and
prints its path as its only line. The file is a curl config with the lines

    url = "ftp://ADDRESS:PORT/OBJECT"
    user = "anonymous:PASSWORD"

and nothing else; OBJECT is relative to the server's root (``64g``), an IPv6 ADDRESS gets brackets.
The password is read from /credentials/ftp-password and stands nowhere but in that file. Exit
status 2 for a wrong call, 1 when there is no password; both say why on stderr.
"""
