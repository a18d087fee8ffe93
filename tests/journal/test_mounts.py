"""Which filesystem a file lies on."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.journal.mounts import network_filesystem

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /mnt/nfs nfs4 rw 0 0
//server/share /mnt/with\\040space cifs rw 0 0
host:/home /mnt/ssh fuse.sshfs rw 0 0
share /mnt/vm 9p rw 0 0
/dev/sdb1 /mnt/nfs/local ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/sdc1 /mnt/twice ext4 rw 0 0
server:/export /mnt/twice nfs rw 0 0
server:/export /mnt/thrice nfs rw 0 0
/dev/sdc1 /mnt/thrice/ ext4 rw 0 0
systemd-1 /mnt/auto autofs rw 0 0
server:/export /mnt/auto nfs4 rw 0 0
overlay /mnt/over overlay rw,lowerdir=/a,upperdir=/b 0 0
server:/a\\134b /mnt/back\\134slash\\011tab smb3 rw 0 0
mountpoint-s3 /mnt/bucket fuse rw 0 0
/usr/bin/gocryptfs /mnt/secret fuse rw 0 0
https://dav.example.com/ana\\040b/ /mnt/dav fuse rw 0 0
file:///srv/data /mnt/here fuse rw 0 0
nonsense
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ana/journal.db", None),
        ("/mnt/nfs/journal.db", "nfs4"),
        ("/mnt/nfs-not/journal.db", None),
        ("/mnt/with space/a/b/journal.db", "cifs"),
        ("/mnt/ssh/journal.db", "fuse.sshfs"),
        ("/mnt/vm/journal.db", "9p"),
        ("/mnt/nfs/local/journal.db", None),
        ("/mnt/nfs/local/../journal.db", "nfs4"),
        ("/tmp/journal.db", None),
        ("/mnt/twice/journal.db", "nfs"),
        ("/mnt/thrice/journal.db", None),
        ("/mnt/auto/journal.db", "nfs4"),
        ("/mnt/over/journal.db", None),
        ("/mnt/back\\slash\ttab/journal.db", "smb3"),
        ("/mnt/bucket/journal.db", "fuse"),
        ("/mnt/secret/journal.db", None),
        ("/mnt/dav/journal.db", "fuse"),
        ("/mnt/here/journal.db", None),
    ],
)
def test_a_network_filesystem_is_known_by_its_mount(tmp_path: Path, path: str, kind: str | None) -> None:
    """A path lies on the filesystem of the nearest mount point above it, and there on the last one mounted."""
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS, encoding="utf-8")
    assert network_filesystem(Path(path), str(mounts)) == kind


@pytest.mark.parametrize("name", ["journal.db", "nbrunbook/journal.db"])
def test_a_network_filesystem_is_known_behind_a_link(tmp_path: Path, name: str) -> None:
    """A link to a folder, or the file itself being one, leads to where the locks are; and back to a local disk."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\ns3fs {tmp_path}/far fuse.s3fs rw 0 0\n", encoding="utf-8")
    (tmp_path / "near").symlink_to("far/team")
    (tmp_path / "link.db").symlink_to(f"near/{name}")
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "back").symlink_to("..")
    assert network_filesystem(tmp_path / "near" / name, str(mounts)) == "fuse.s3fs"
    assert network_filesystem(tmp_path / "link.db", str(mounts)) == "fuse.s3fs"
    assert network_filesystem(tmp_path / "far" / "back" / name, str(mounts)) is None


KINDS = {
    **dict.fromkeys(("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "gpfs", "davfs"), True),
    **dict.fromkeys(
        ("vboxsf", "vmhgfs", "prl_fs", "drvfs", "fuse.vmhgfs-fuse", "beegfs_nodev", "fuse.gvfsd-fuse"), True
    ),
    **dict.fromkeys(
        ("fuse.s3fs", "fuse.rclone", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph-fuse", "fuse.gcsfuse"), True
    ),
    **dict.fromkeys(("fuse.grpcfuse", "fuse.osxfs", "osxfs", "grpcfuse"), True),
    **dict.fromkeys(("virtiofs", "fakeowner"), False),
    **dict.fromkeys(("ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "f2fs", "apfs", "ecryptfs", "fuseblk"), False),
    **dict.fromkeys(("fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.encfs", "fuse.bindfs", "ocfs2", "autofs"), False),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_network_filesystems(tmp_path: Path, kind: str) -> None:
    """Shares, object stores and the folders of a virtual machine's host are told from local disks."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"it / {kind} rw 0 0\n", encoding="utf-8")
    assert (network_filesystem(tmp_path, str(mounts)) is not None) == KINDS[kind]


def test_where_nobody_tells_a_disk_is_local(tmp_path: Path) -> None:
    """Without a table of mounts every disk counts as local; one in any encoding is read."""
    assert network_filesystem(Path("/mnt/nfs"), str(tmp_path / "none")) is None
    (tmp_path / "mounts").write_bytes(b"/dev/sda1 / ext4 rw 0 0\nserver:/x /mnt/\xff\xe2\x80\xa8 nfs rw 0 0\n")
    assert network_filesystem(Path("/mnt/nfs"), str(tmp_path / "mounts")) is None


def test_a_loop_of_links_is_no_end(tmp_path: Path) -> None:
    """A link to itself leads nowhere."""
    (tmp_path / "loop").symlink_to("loop")
    assert network_filesystem(tmp_path / "loop" / "journal.db", str(tmp_path / "none")) is None
