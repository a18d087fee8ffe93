"""Tags: what is one, up to where, and with which attributes."""

from __future__ import annotations

from nbrunbook.documents.markdown.tags import rewrite, tags


def test_a_tag_ends_where_a_browser_ends_it() -> None:
    """A > in a value ends nothing, nor does a quote that is no value's; what never ends goes up to the text's end."""
    read = [(tag.name, dict(tag.attributes)) for tag in tags("""<A href='a>b' Title="&lt;"><p it's>x</p ><img src=q""")]
    assert read == [("a", {"href": "a>b", "title": "<"}), ("p", {"it's": ""}), ("p", {}), ("img", {"src": "q"})]


def test_what_stands_in_a_comment_or_a_script_is_no_tag() -> None:
    """Nor what stands in another tag's value."""
    content = "<!-- <img> --><script>'<img>'</script><STYLE><img></style><b title='<img>'>"
    assert [tag.name for tag in tags(content)] == ["b"]
    assert rewrite(content, lambda tag: f"[{tag.name}]") == content.replace("<b title='<img>'>", "[b]")


def test_a_tag_is_written_with_other_values() -> None:
    """All else that it says stays, escaped anew."""
    (tag,) = tags("<img src=a.png alt='\"A\"'>")
    assert tag.with_attributes(src="b&c.png") == '<img src="b&amp;c.png" alt="&quot;A&quot;">'


def test_a_tag_s_links_lead_elsewhere() -> None:
    """What leads where it did is to the letter, and so is what closes, whatever stands in it."""
    read = "<A HREF=a.md x><IMG SRC='b.png'></a href='a.md'><p id=a>"
    written = '<a href="../a.md" x=""><img src="../b.png"></a href=\'a.md\'><p id=a>'
    assert rewrite(read, lambda tag: tag.relinked(lambda target: f"../{target}")) == written
    assert rewrite(read, lambda tag: tag.relinked(str)) == read
