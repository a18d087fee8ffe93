"""Evidence: what a step asks for, and whether what was given has its shape."""

from __future__ import annotations

import pytest

from nbrunbook.runbook import evidence


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("link to the board", "link"),
        ("Link", "link"),
        ("URL of the run", "link"),
        ("file with the export", "file"),
        ("FILE: screenshot", "file"),
        ("ticket number", "text"),
        ("linked issue", "text"),
        ("the link", "text"),
        ("profile", "text"),
    ],
)
def test_the_first_word_of_a_label_says_what_is_asked_for(label: str, kind: str) -> None:
    """A label that begins with link or url asks for a link, with file for a file, else for a text."""
    assert evidence.kind(label) == kind


@pytest.mark.parametrize(
    "given",
    [
        "https://example.com",
        "http://localhost:8888/lab?x=1#y",
        "HTTPS://EXAMPLE.COM/a%20b",
        "https://münchen.example/ü",
        "https://[::1]:8080/",
        "https://user@example.com/(a)",
    ],
)
def test_a_web_address_is_a_link(given: str) -> None:
    """What a browser can follow is a link."""
    assert evidence.link_fault(given) is None


@pytest.mark.parametrize(
    "given",
    [
        "the board",
        "example.com",
        "htp://example.com",
        "https://",
        "https:///path",
        "https://exa mple.com",
        "https://example.com/<b>",
        "javascript:alert(1)",
        "https://[::1",
        "https://example.com:port/",
        "mailto:ana@example.com",
        "https://-",
    ],
)
def test_what_cannot_be_followed_is_no_link(given: str) -> None:
    """Anything else is refused, with what was found and what a link looks like."""
    fault = str(evidence.link_fault(given))
    assert given[:60] in fault
    assert "https://host/path" in fault


@pytest.mark.parametrize(
    ("label", "given", "file", "fault"),
    [
        ("what you saw", "", False, "it asks for evidence"),
        ("what you saw", " \n", False, "it asks for evidence"),
        ("what you saw", "all green", False, None),
        ("what you saw", "", True, None),
        ("what you saw", "https://", False, "is no link"),
        ("link to it", "", False, "it asks for evidence"),
        ("link to it", "all green", False, "is no link"),
        ("link to it", "https://example.com/1", False, None),
        ("link to it", "https://example.com/1", True, "not for a file"),
        ("file with it", "all green", False, "it asks for a file"),
        ("file with it", "", True, None),
        ("file with it", "the third of them", True, None),
    ],
)
def test_what_is_given_has_to_be_what_is_asked_for(label: str, given: str, file: bool, fault: str | None) -> None:
    """A text, a link or a file: for a text a file does as well."""
    found = evidence.fault(label, given, file=file)
    assert found is None if fault is None else fault in str(found)


@pytest.mark.parametrize(("size", "kept"), [(0, False), (1, True), (5_000_000, True), (5_000_001, False)])
def test_a_file_has_at_most_five_megabytes(size: int, kept: bool) -> None:
    """A file that is empty or over 5 MB is not kept."""
    assert (evidence.size_fault(size) is None) is kept


@pytest.mark.parametrize(("size", "words"), [(8, "8 bytes"), (48_200, "48 kB"), (4_900_000, "4.9 MB")])
def test_sizes_are_told_as_people_read_them(size: int, words: str) -> None:
    """A number of bytes in three digits."""
    assert evidence.shown_size(size) == words


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"\x89PNG\r\n\x1a\n123", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF1234WEBPVP8", "image/webp"),
        (b"<svg onload='alert(1)'>", None),
        (b"RIFF1234WAVE", None),
        (b"", None),
    ],
)
def test_an_image_is_known_by_its_first_bytes(content: bytes, mime: str | None) -> None:
    """A name may say anything; SVG may hold a script, and is no image here."""
    assert evidence.image_type(content) == mime
