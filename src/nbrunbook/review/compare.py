"""Reviews: two templates, or two runbooks, in; what changed between them out, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from nbrunbook.documents import attributes
from nbrunbook.review import matching, protection, risks
from nbrunbook.review.changes import Change, Edit, Review
from nbrunbook.review.matching import Pairs
from nbrunbook.review.snapshot import Snapshot
from nbrunbook.review.things import Thing
from nbrunbook.runbook import automation, batch_facts

OF_MACHINES = frozenset((*automation.OPTIONS["check"], *batch_facts.OPTIONS))
"""What is said of a step that the machine does."""


def compare(old: Snapshot, new: Snapshot) -> Review:
    """Return what changed from one side to the other; nothing for sides that are equal."""
    changes = list(_Comparison(old, new).changes())
    ordered = [change for change in changes if change.risks] + [change for change in changes if not change.risks]
    return Review(old=old.label, new=new.label, changes=tuple(ordered))


class _Comparison:
    """Two sides, and what each thing of one is on the other."""

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        self.old, self.new = old, new
        self.sections = matching.of_sections(old, new)
        self.steps = matching.of_steps(old, new, self.sections)
        self.texts = matching.of_texts(old.texts, new.texts)
        self.code = matching.of_texts(old.code, new.code)
        self.new_section, self.new_step = self.sections.new_of, self.steps.new_of
        self.moved = self._moved_cells() | self._moved_steps()
        self.unguarded = self._unguarded()

    def changes(self) -> Iterator[Change]:
        steps: dict[str, list[Change]] = {}
        for change, home in [*self._steps(), *self._removed_steps()]:
            steps.setdefault(home, []).append(change)
        for section in self.new.sections:
            yield from self._section(section)
            yield from steps.get(section.id, ())
        for gone in self.sections.removed:
            own_risks = ("gate",) if ".gate" in gone.facts else ()
            yield _whole("section", "removed", gone, own_risks=own_risks)
            yield from steps.get(f"removed {gone.id}", ())
        yield from self._others("parameter", self.old.parameters, self.new.parameters)
        yield from self._cells("code", self.old.code, self.new.code, self.code)
        yield from self._cells("text", self.old.texts, self.new.texts, self.texts)
        yield from self._images()
        yield from self._reach()

    # Sections

    def _section(self, section: Thing) -> Iterator[Change]:
        before = self._old_section(section.id)
        if before is None:
            yield _whole("section", "added", section)
            return
        edits = [*_named(before, section, text="text"), *self._order("section", section)]
        edits += _facts_changed(before, section, {"in": lambda value: self.new_section.get(value, value)})
        yield from _changed("section", section, [*edits, *self._holds("section", section)])

    def _old_section(self, new_id: str) -> Thing | None:
        return self.old.section_by_id.get(self.sections.old_of.get(new_id, ""))

    # Steps

    def _steps(self) -> Iterator[tuple[Change, str]]:
        added = {step.id for step in self.steps.added}
        for step in self.new.steps:
            if step.id in added:
                own_risks = ["irreversible"] if ".irreversible" in step.facts else []
                own_risks += ["acts"] if step.facts.get("kind") in risks.ACT else []
                yield (
                    _whole(
                        "step",
                        "added",
                        step,
                        where=protection.section_title(self.new, step),
                        own_risks=tuple(own_risks),
                    ),
                    step.section,
                )
                continue
            before = self.old.by_id[self.steps.old_of[step.id]]
            edits = [*_named(before, step, text="body"), *self._place(before, step)]
            edits += _facts_changed(before, step, {"after": self._renamed})
            edits += [*self._does(before, step), *self._holds("step", step)]
            for change in _changed("step", step, edits):
                yield replace(change, where=protection.section_title(self.new, step)), step.section

    def _does(self, before: Thing, step: Thing) -> Iterator[Edit]:
        """Whether the function that does a step does something else now; comments never count."""
        if before.fingerprint and step.fingerprint and before.fingerprint != step.fingerprint:
            then, now = self.old.functions.texts(before.function), self.new.functions.texts(step.function)
            went, came = (
                "\n\n".join(each for each in one if each not in other)
                for one, other in ((then, set(now)), (now, set(then)))
            )
            yield Edit(name="does", old=went, new=came, risk="does")

    def _removed_steps(self) -> Iterator[tuple[Change, str]]:
        for step in self.steps.removed:
            own_risks = [risk for risk, holds in (("gate", ".gate" in step.facts),) if holds]
            own_risks += ["removed"] if protection.is_required(self.old, step) else []
            section = self.new_section.get(step.section, f"removed {step.section}")
            yield (
                _whole(
                    "step", "removed", step, where=protection.section_title(self.old, step), own_risks=tuple(own_risks)
                ),
                section,
            )

    def _renamed(self, after: str) -> str:
        """The ids in an `after` as they are called now."""
        return " ".join(self.new_step.get(each, each) for each in attributes.references(after))

    def _place(self, before: Thing, step: Thing) -> Iterator[Edit]:
        places = [
            ("section", self.new_section.get(before.section, before.section), before.section, step.section),
            ("parent", self.new_step.get(before.parent or "", before.parent), before.parent, step.parent),
        ]
        risk = protection.risk_of_place(self.old, before, self.new, step)
        for name, then, shown, now in places:
            if then != now:
                yield Edit(name=name, old=shown, new=now, risk=risk)
                risk = None
        yield from self._order("step", step)
        gates = [gate for gate, lost in self.unguarded.items() if step.id in lost and self._has_moved(step)]
        if gates:
            yield Edit(
                name="behind", old=" ".join(gate.partition(":")[2] for gate in gates), new=None, risk="unguarded"
            )

    def _has_moved(self, step: Thing) -> bool:
        before = self.old.by_id[self.steps.old_of[step.id]]
        away = self.new_section.get(before.section) != step.section
        return away or f"step:{step.id}" in self.moved

    def _moved_steps(self) -> set[str]:
        """Steps that left their place among those beside them; sections are ordered by themselves."""
        now: dict[tuple[str, str | None], list[str]] = {}
        for step in self.new.steps:
            before = self.old.by_id.get(self.steps.old_of.get(step.id, ""))
            if before is not None:
                parent = self.new_step.get(before.parent, before.parent) if before.parent else None
                if (self.new_section.get(before.section), parent) == (step.section, step.parent):
                    now.setdefault((step.section, step.parent), []).append(step.id)
        place = {self.new_step.get(step.id): number for number, step in enumerate(self.old.steps)}
        found: set[str] = set()
        for beside in now.values():
            found |= matching.moved(sorted(beside, key=lambda each: place[each]), beside)
        return {f"step:{each}" for each in found}

    def _moved_cells(self) -> set[str]:
        """Sections, texts and code cells that left their place among each other."""
        new_of = {"section": self.new_section, "text": self.texts.new_of}
        then = []
        for each in self.old.order:
            kind, _, name = each.partition(":")
            renamed = new_of.get(kind, self.code.new_of).get(name)
            then += [f"{kind}:{renamed}"] if renamed is not None else []
        both = set(then) & set(self.new.order)
        return matching.moved(
            [each for each in then if each in both], [each for each in self.new.order if each in both]
        )

    def _order(self, kind: str, thing: Thing) -> Iterator[Edit]:
        if f"{kind}:{thing.id}" in self.moved:
            yield Edit(name="order", old=None, new=None)

    # Gates

    def _unguarded(self) -> dict[str, list[str]]:
        """For each gate that both sides have, the steps that stood behind it and no longer do.

        As they stand, and while all `.if-needed` sections are open: a gate in there holds what follows only then.
        """
        found: dict[str, list[str]] = {}
        for old_opened, new_opened in (((), ()), (self.old.section_by_id, self.new.section_by_id)):
            then = protection.behind_gates(self.old, opened=old_opened)
            for gate, held in protection.behind_gates(self.new, opened=new_opened).items():
                kind, _, name = gate.partition(":")
                old_of = self.steps.old_of if kind == "step" else self.sections.old_of
                before = then.get(f"{kind}:{old_of.get(name, '')}", [])
                still = {*held, *found.get(gate, ())}
                lost = [self.new_step[each] for each in before if each in self.new_step]
                if lost := [each for each in lost if each not in still]:
                    found.setdefault(gate, []).extend(lost)
        return found

    def _holds(self, kind: str, thing: Thing) -> Iterator[Edit]:
        """The steps that a gate no longer holds back though they stayed where they were."""
        lost = self.unguarded.get(f"{kind}:{thing.id}", [])
        still = [each for each in lost if not self._has_moved(self.new.by_id[each])]
        if still:
            yield Edit(name="holds", old=" ".join(still), new=None, risk="unguarded")

    # The rest

    def _others(self, subject: str, old: Iterable[Thing], new: Iterable[Thing]) -> Iterator[Change]:
        found = matching.by_id(tuple(old), tuple(new))
        before = {thing.id: thing for thing in old}
        added = {thing.id for thing in found.added}
        for thing in new:
            if thing.id in added:
                yield _whole(subject, "added", thing)
            else:
                yield from _changed(subject, thing, [*_facts_changed(before[thing.id], thing)])
        yield from (_whole(subject, "removed", thing) for thing in found.removed)

    def _cells(self, subject: str, old: Iterable[Thing], new: Iterable[Thing], found: Pairs) -> Iterator[Change]:
        before = {thing.id: thing for thing in old}
        added = {thing.id for thing in found.added}
        for thing in new:
            if thing.id in added:
                yield _whole(subject, "added", thing)
                continue
            was = before[found.old_of[thing.id]]
            edits = [Edit(name="text", old=was.text, new=thing.text)] if was.text != thing.text else []
            edits += [*_facts_changed(was, thing), *self._order(thing.facts.get("kind", subject), thing)]
            yield from _changed(subject, thing, edits)
        yield from (_whole(subject, "removed", thing) for thing in found.removed)

    def _images(self) -> Iterator[Change]:
        """Images whose content changed; that one came or went shows where it stands in a text."""
        before = {image.id: image.text for image in self.old.images}
        for image in self.new.images:
            if before.get(image.id, image.text) != image.text:
                yield from _changed("image", image, [Edit(name="content", old="", new="")])

    def _reach(self) -> Iterator[Change]:
        then, now = self.old.reach, self.new.reach
        if set(then or ()) != set(now or ()):
            fewer = now is not None and (then is None or not set(then) <= set(now)) and bool(self.old.steps)
            edit = Edit(name="environments", old=_listed(then), new=_listed(now), risk="reach" if fewer else None)
            yield Change(subject="reach", kind="changed", id="environments", title="where it applies", edits=(edit,))


def _listed(names: Iterable[str] | None) -> str:
    return "all" if names is None else ", ".join(names)


def _whole(subject: str, kind: str, thing: Thing, *, where: str = "", own_risks: tuple[str, ...] = ()) -> Change:
    return Change(
        subject=subject,
        kind=kind,
        id=thing.id,
        title=thing.written or thing.title,
        where=where,
        block=_block(subject, thing),
        text=thing.text,
        own_risks=own_risks,
    )


def _block(subject: str, thing: Thing) -> str:
    """The attributes of a step or section as they are written; a parameter's type and default."""
    facts = thing.facts
    if subject in ("step", "section"):
        flags = tuple(name[1:] for name in facts if name.startswith("."))
        keys = {name: value for name, value in facts.items() if name[0] != "." and name not in ("box", "level", "in")}
        return attributes.show(attributes.Attributes(flags=flags, keys=keys))
    return ", ".join(f"{name} {value}" for name, value in facts.items() if name != "kind")


def _changed(subject: str, thing: Thing, edits: list[Edit]) -> Iterator[Change]:
    if edits:
        yield Change(subject=subject, kind="changed", id=thing.id, title=thing.title, edits=tuple(edits))


def _named(before: Thing, now: Thing, *, text: str) -> Iterator[Edit]:
    """What both steps and sections have: an id, a title, a body or text."""
    if before.id != now.id:
        yield Edit(name="id", old=before.id, new=now.id)
    if before.written != now.written:
        yield Edit(name="title", old=before.written, new=now.written)
    if before.text != now.text:
        yield Edit(name=text, old=before.text, new=now.text)


def _facts_changed(
    before: Thing, now: Thing, as_now: Mapping[str, Callable[[str], str]] | None = None
) -> Iterator[Edit]:
    """Attributes that changed; `as_now` gives old ids their new names, for judging."""
    for name in dict.fromkeys([*before.facts, *now.facts]):
        old, new = before.facts.get(name), now.facts.get(name)
        if old != new:
            then = as_now[name](old) if as_now and name in as_now and old is not None else old
            if name == "in" and then == new:
                continue
            of_machine = name not in OF_MACHINES or ("kind" in before.facts and "kind" in now.facts)
            yield Edit(name=name, old=old, new=new, risk=risks.of_change(name, then, new) if of_machine else None)
