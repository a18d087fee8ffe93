"""Mounts: which filesystem a file lies on, and whether that is a network's or a virtual machine's."""

from __future__ import annotations

import os
import re
from pathlib import Path

NETWORK = re.compile(
    r"""(?x)
    nfs | cifs | smb | afp | ncpfs | 9p | v9fs | afs | auristorfs | coda | dav | sshfs | curlftpfs | gvfsd | kio-fuse
    | ceph | gluster | lustre | beegfs | gpfs | mmfs | panfs | pvfs | orangefs | quobyte | wekafs | moosefs | lizardfs
    | s3 | mountpoint-s3 | goofys | geesefs | objectivefs | juicefs | seaweedfs | gcsfuse | blobfuse | hdfs
    | rclone | google-drive | onedrive
    | vboxsf | vmhgfs | prl_fs | drvfs | grpcfuse | osxfs
    """
)
"""How the kinds of filesystems begin whose locks end at this machine, or are none.

Shares, clusters, object stores, and the folders that a virtual machine has of its host; but not virtiofs and Docker's
fakeowner, through which it also gets a folder that nobody else works in. Locks of their own have ocfs2 and gfs2; what
lies over a local disk, such as overlay and gocryptfs, has that one's.
"""


def network_filesystem(path: Path, mounts: str = "/proc/mounts") -> str | None:
    """Return the kind of network filesystem that a path lies on, all links followed, or None for a local disk.

    Only Linux tells; elsewhere the answer is None. Of mounts at one point the last one counts, which lies on top.
    The format: https://man7.org/linux/man-pages/man5/proc_pid_mounts.5.html.
    """
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError:
        return None
    target = Path(os.path.realpath(path))
    best, found = "", ("", "")
    for line in lines:
        source, point, kind = map(_unescaped, [*line.split(" "), "", "", ""][:3])
        if point and target.is_relative_to(point) and len(point) >= len(best):
            best, found = point, (kind, source)
    return found[0] if _is_network(*found) else None


def _is_network(kind: str, source: str) -> bool:
    """By its kind; one that says no more than fuse, by the program that serves it, or by a URL, as davfs2's does."""
    if kind == "fuse" and "://" in source and not source.lower().startswith("file:"):
        return True
    names = (source, source.rpartition("/")[2]) if kind == "fuse" else (kind.removeprefix("fuse."),)
    return any(NETWORK.match(name.lower()) for name in names)


def _unescaped(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
