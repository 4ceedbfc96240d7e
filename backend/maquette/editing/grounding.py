"""From words to things: a referring expression becomes ids, a question back, or a reason why not.

Tiers: what the noun names exactly comes before what it may name; within a tier every attribute and relation must hold.
"""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from maquette.editing import relations
from maquette.editing.attributes import has, nearest_color, odd_ones
from maquette.editing.boxes import gap
from maquette.editing.grammar.thesaurus import GENERAL
from maquette.editing.naming import how_well_named
from maquette.editing.ordering import along_their_row, in_part, measured, of_size, on_side
from maquette.editing.plan import Attribute, Order, Ref, Relation
from maquette.editing.scene_view import STRUCTURE, SceneView
from maquette.editing.wording import bare, joined, told_apart, with_colors

_TIERS = (0.95, 0.6, 0.5, 0.4, 0.01)  # lower ends
_TIE = 0.002
_AMONG_THEM = (" row", " half")  # "in the front row": what depends on where the others are
Accept = Callable[[str], bool]


class Unclear(Exception):  # noqa: N818  (a question, no fault)
    """The words fit several things and nothing decides."""

    def __init__(self, question: str, candidates: Sequence[str], ref: Ref) -> None:
        super().__init__(question)
        self.question, self.candidates, self.ref = question, tuple(candidates), ref


class Cannot(Exception):  # noqa: N818  (an answer to the user, no fault)
    """Understood, and it cannot be done: the sentence says why."""


class NoneFits(Cannot):
    """There are such things, but none that the rest of the words fit."""


@dataclass
class Focus:
    """What the conversation is about."""

    things: tuple[str, ...] = ()  # "it", "them"
    created: tuple[str, ...] = ()  # "the copy"
    originals: tuple[str, ...] = ()
    is_fresh: bool = False  # named by the prompt itself, not by one before
    narrowed_noun: str | None = None  # an answer to "Which chair?" means one of these
    narrowed: tuple[str, ...] = ()


@dataclass
class Grounder:
    """Finds what expressions mean. All but pronouns are meant in the scene before the prompt."""

    view: SceneView
    focus: Focus = field(default_factory=Focus)
    subject: tuple[
        str, ...
    ] = ()  # what the operation is about: "the other nightstand" is not its own
    live: SceneView | None = (
        None  # the scene as it has become: what was made in this prompt is there
    )

    # whole expressions -----------------------------------------------------------------------------

    def resolve(self, ref: Ref, *, accept: Accept | None = None) -> tuple[str, ...]:
        """The ids meant. Raises Unclear, Cannot."""
        if (
            ref.order is not None
            and ref.number == "many"
            and any(o.order is None for o in ref.also)
        ):
            # "which is closer, the chair or the ottoman": the first of all of them
            everyone = self.resolve(replace(ref, order=None), accept=accept)
            return tuple(self.ordered(list(everyone), ref.order))
        found: tuple[str, ...] = self._decided(self._single(ref, accept), ref)
        for other in ref.also:
            found += tuple(key for key in self.resolve(other, accept=accept) if key not in found)
        return self._without(found, ref)

    def one(self, ref: Ref, *, accept: Accept | None = None) -> str:
        """Exactly one id. Raises Unclear, Cannot."""
        found = self.resolve(ref, accept=accept)
        if len(found) != 1:
            raise self.unclear(found, ref)
        return next(iter(found))

    def fitting(self, ref: Ref) -> tuple[str, ...]:
        """All that the words fit, one or many; nothing is asked. Raises Cannot where nothing of the kind is there."""
        found = tuple(self._single(ref, None))
        for other in ref.also:
            found += tuple(key for key in self._single(other, None) if key not in found)
        return self._without(found, ref, may_be_empty=True)

    def unclear(self, candidates: Iterable[str], ref: Ref) -> Unclear:
        keys = list(candidates)
        noun = ref.noun or "one"
        return Unclear(f"Which {noun}: {told_apart(self.view, keys)}?", keys, ref)

    def _without(
        self, found: tuple[str, ...], ref: Ref, *, may_be_empty: bool = False
    ) -> tuple[str, ...]:
        if not ref.excluding:
            return found
        left_out: set[str] = set()
        for other in ref.excluding:
            left_out.update(self._excluded(other, found))
        kept = tuple(key for key in found if key not in left_out)
        if not kept and not may_be_empty:
            raise Cannot(
                f"Nothing is left of {ref.words or 'these'!r} without {self.view.names(left_out)}."
            )
        return kept

    def _excluded(self, other: Ref, found: tuple[str, ...]) -> set[str]:
        try:
            return set(self.fitting(other))
        except Cannot:
            if not other.noun:
                raise
        # "the binders except the yellow": the noun of the whole is meant
        return {key for key in found if key in self._filtered(list(found), replace(other, noun=""))}

    # one expression --------------------------------------------------------------------------------

    def _single(self, ref: Ref, accept: Accept | None) -> list[str]:
        if ref.ids:
            return [key for key in ref.ids if key in self._now.objects]
        if ref.pronoun in ("this", "it", "them"):
            return self._pronoun(ref)
        if ref.pronoun == "viewer":
            raise Cannot("The viewer is no thing of the scene.")
        if ref.noun == "original" and self.focus.originals:
            return list(self.focus.originals)
        if ref.noun == "copy" and self.focus.created:
            return list(self.focus.created)
        if ref.pronoun == "rest":
            return self._rest(ref)
        found = self._described(ref, accept)
        if ref.pronoun == "other":
            found = self._others(found)
        if not found:
            is_known = not ref.noun or any(
                how_well_named(self.view, ref.noun, key) > 0 for key in self.view.ids
            )
            raise (NoneFits if is_known else Cannot)(self._absence(ref))
        return found

    @property
    def _now(self) -> SceneView:
        return self.live or self.view

    def _pronoun(self, ref: Ref) -> list[str]:
        selected = [key for key in self.view.document.selection if key in self.view.objects]
        if ref.noun == "copy" and self.focus.created:
            return list(self.focus.created)
        talked = self._talked_about()
        found = (selected or talked) if ref.pronoun == "this" else (talked or selected)
        if not found:
            raise Cannot(
                f"It isn't clear what {ref.words or ref.pronoun!r} means: "
                "nothing is selected, and nothing was named before."
            )
        known = [key for key in found if key in self.view.objects]
        if ref.noun and known:
            fitting = [key for key in known if how_well_named(self.view, ref.noun, key) > 0]
            found = fitting or found
        rest = replace(ref, noun="", pronoun="")
        if known and (rest.attributes or rest.relations or rest.order):
            found = self._filtered([key for key in found if key in self.view.objects], rest)
            if not found:
                raise Cannot(f"None of {self.view.names(known)} is {ref.words!r}.")
        return found

    def _talked_about(self) -> list[str]:
        """What "it" is: named in this prompt, else what the operation is about, else named before."""
        things = [key for key in self.focus.things if key in self._now.objects]
        if self.subject and not self.focus.is_fresh:
            return list(self.subject)
        if not things and self.focus.is_fresh:  # where the deleted thing stood
            things = [key for key in self.focus.things if key in self.view.objects]
        return things or list(self.subject)

    def _rest(self, ref: Ref) -> list[str]:
        known = {*self.focus.things, *self.subject}
        labels = {self.view.objects[key].label for key in known if key in self.view.objects}
        everything = [key for key in self._movable() if key not in known]
        if not ref.noun and "else" not in ref.words and len(labels) == 1:
            same = [key for key in everything if self.view.objects[key].label in labels]
            everything = same or everything
        if ref.noun:
            everything = [key for key in everything if how_well_named(self.view, ref.noun, key) > 0]
        if not everything:
            raise Cannot("There is nothing else.")
        return everything

    def _others(self, found: list[str]) -> list[str]:
        known = {*self.subject, *self.focus.things}
        left = [key for key in found if key not in known]
        if self.subject:
            bases = {
                base
                for key in self.subject
                if key in self.view.objects
                for base in self.view.supports(key)
            }
            near = [key for key in left if key not in bases]
            if near and len(near) < len(left):
                return near
            if len(left) == 2:  # not the one where the thing is
                here = [
                    self.view.box(key).centre for key in self.subject if key in self.view.objects
                ]
                if here:
                    return [
                        max(
                            left,
                            key=lambda key: float(
                                np.linalg.norm(self.view.box(key).centre - here[0])
                            ),
                        )
                    ]
        return left

    def _movable(self) -> list[str]:
        return [
            item.id
            for item in self.view.document.objects
            if item.kind not in STRUCTURE and item.kind != "surface"
        ]

    def _described(self, ref: Ref, accept: Accept | None) -> list[str]:
        pool = self.view.ids
        if ref.noun:
            scored = [(how_well_named(self.view, ref.noun, key), key) for key in pool]
        else:
            kinds = (
                ("object",) if ref.attributes or ref.relations or ref.order else ("object", "light")
            )
            scored = [
                (
                    1.0
                    if self.view.objects[key].kind in kinds
                    else 0.02
                    if self.view.objects[key].kind not in STRUCTURE
                    else 0.0,
                    key,
                )
                for key in pool
            ]
        scored = [entry for entry in scored if entry[0] > 0]
        if self.focus.narrowed and ref.noun == (self.focus.narrowed_noun or ""):
            among = self._filtered(
                [key for key in self.focus.narrowed if key in self.view.objects], ref
            )
            if among:
                return among
        if accept is not None and any(accept(key) for _, key in scored):
            scored = [entry for entry in scored if accept(entry[1])]
        for is_relaxed, is_loose in ((False, False), (False, True), (True, True)):
            high = 2.0
            for low in _TIERS:
                tier = [key for value, key in scored if low <= value < high]
                high = low
                found = (
                    self._filtered(tier, ref, is_relaxed=is_relaxed, is_loose=is_loose)
                    if tier
                    else []
                )
                if found:
                    return found
        return []

    def _decided(self, found: list[str], ref: Ref) -> tuple[str, ...]:
        if ref.pronoun in ("this", "it", "them", "rest") or ref.ids:
            if not found:
                raise Cannot(f"Nothing is left of “{ref.words or 'that'}”.")
            return tuple(found)
        if ref.noun in ("copy", "original"):
            return tuple(found)
        if ref.number == "many":
            if ref.count is not None and ref.count != len(found) and ref.order is None:
                return self._counted(found, ref, ref.count)
            return tuple(found)
        if ref.order is not None and ref.order.count > 1:
            return tuple(found)
        if not ref.noun or ref.noun in GENERAL:  # nobody calls a rug "the thing in front of it"
            found = [key for key in found if not self._is_covering(key)] or found
        if len(found) == 1:
            return tuple(found)
        if ref.number == "any":
            return tuple(found[: ref.count or 1])
        return (self._chosen(found, ref),)

    def _is_covering(self, key: str) -> bool:
        """A rug, a mat: wide, and nearly as flat as the floor that it lies on."""
        size, vertical = self.view.box(key).size, self.view.box(key).vertical_axis
        is_flat = float(size[vertical]) <= 0.03 and float(np.delete(size, vertical).min()) >= 0.4
        return is_flat and any(self.view.is_fixed(base) for base in self.view.supports(key))

    def _counted(self, found: list[str], ref: Ref, count: int) -> tuple[str, ...]:
        for known in (self.view.document.selection, self.focus.things):
            among = [key for key in found if key in known]
            if len(among) == count:
                return tuple(among)
        if len(found) < count:
            only = f"are only {len(found)}" if len(found) > 1 else "is only one"
            raise Cannot(f"There {only}: {self.view.names(found)}.")
        raise self.unclear(found, ref)

    def _chosen(self, found: list[str], ref: Ref) -> str:
        for known in (self.view.document.selection, self.focus.things):
            among = [key for key in found if key in known]
            if len(among) == 1:
                return among[0]
        raise self.unclear(found, ref)

    def _absence(self, ref: Ref) -> str:
        words = bare(ref.words or ref.noun or "such a thing")
        if not ref.noun:
            return f"Nothing here fits “{words}”."
        same = [key for key in self.view.ids if how_well_named(self.view, ref.noun, key) > 0]
        if same:
            return f"There is no {words} here, only {with_colors(self.view, same)}."
        labels = sorted(
            {
                item.label
                for item in self.view.document.objects
                if item.label and item.kind not in STRUCTURE
            }
        )
        near = difflib.get_close_matches(ref.noun, labels, 3, 0.55)
        if near:
            return f"There is no {words} here. The nearest in name: {joined(near)}."
        shown = [*labels[:6], f"{len(labels) - 6} more"] if len(labels) > 7 else labels
        here = f" What is here: {joined(shown, 'and')}." if shown else ""
        return f"There is no {words} here.{here}"

    # filters ---------------------------------------------------------------------------------------

    def _filtered(
        self, keys: list[str], ref: Ref, *, is_relaxed: bool = False, is_loose: bool = True
    ) -> list[str]:
        late = [
            a
            for a in ref.attributes
            if a.kind in ("size", "shape")
            or a.value == "different"
            or a.value.endswith(_AMONG_THEM)
        ]
        for attribute in ref.attributes:
            if attribute not in late:
                keys = self._with_attribute(keys, attribute, is_relaxed=is_relaxed)
        for relation in ref.relations:
            is_wide = ref.number == "many" and not ref.noun
            keys = self._with_relation(
                keys, relation, is_wide=is_wide, is_loose=is_loose, is_single=ref.number == "one"
            )
        for attribute in late:
            keys = (
                of_size(self.view, keys, attribute, ref)
                if attribute.kind == "size"
                else self._with_attribute(keys, attribute)
            )
        if ref.order is not None and keys:
            keys = self.ordered(keys, ref.order)
        return keys

    def _with_attribute(
        self, keys: list[str], attribute: Attribute, *, is_relaxed: bool = False
    ) -> list[str]:
        if attribute.kind == "color" and attribute.value == "different":
            return odd_ones(self.view, keys)
        if attribute.kind == "state" and attribute.value.endswith(_AMONG_THEM):
            return in_part(self.view, keys, attribute.value)
        found = [key for key in keys if has(self.view, key, attribute)]
        if is_relaxed and not found and attribute.kind == "color" and not attribute.is_negated:
            return nearest_color(self.view, keys, attribute.value)
        if attribute.kind == "shape" and not found:
            return keys  # shapes are guesses: they may decide, not exclude
        return found

    def _with_relation(
        self,
        keys: list[str],
        relation: Relation,
        *,
        is_wide: bool,
        is_loose: bool,
        is_single: bool = False,
    ) -> list[str]:
        if any(other.pronoun == "other" and other.noun == "" for other in relation.to):
            return self._among_the_others(keys, relation)
        others = self._related(relation)
        if others is None:
            return [] if not relation.is_negated else keys
        near = keys
        if others and relation.kind in relations.REACH and not relation.is_negated and keys:
            near = self.view.within(keys, others, relations.REACH[relation.kind])
        found: list[str] = []
        # "everything on the table": also what lies on what is on it
        wide_on = is_wide and relation.kind == "on"
        for loosely in (False, True) if is_loose or wide_on else (False,):
            found = [
                key
                for key in near
                if self.is_related(key, relation, others, is_loose=loosely) != relation.is_negated
            ]
            if (found and not wide_on) or relation.is_negated:
                break
        if relation.is_negated or not others:
            return found
        if relation.side and relation.kind in ("on", "in", "at"):
            found = on_side(self.view, found, relation.side)
        if relation.kind == "above":  # said of what hangs over a thing rather than of what is on it
            hanging = [key for key in found if not self._piled_on(key, others)]
            return hanging or found
        if is_single and len(found) > 1 and relation.kind in relations.SIDES:
            # "the stool in front of the piano" is right there
            farthest = relations.BESIDE_FARTHEST
            close = [
                key
                for key in found
                if any(gap(self.view.box(key), self.view.box(o)) <= farthest for o in others)
            ]
            return close or found
        return found

    def _among_the_others(self, keys: list[str], relation: Relation) -> list[str]:
        """ "the cup between the other two": by how each lies to the rest of them."""
        found: list[str] = []
        for key in keys:
            rest = [other for other in keys if other != key]
            if rest and self.is_related(key, relation, rest) != relation.is_negated:
                found.append(key)
        return found

    def _piled_on(self, key: str, others: Sequence[str]) -> bool:
        return any(key in self.view.carried([other]) for other in others)

    def _related(self, relation: Relation) -> list[str] | None:
        others: list[str] = []
        for other in relation.to:
            if other.pronoun == "viewer":
                continue
            try:
                found = self.fitting(other)
            except Cannot as reason:
                if relation.is_negated:
                    return None
                raise Cannot(str(reason)) from reason
            others += [key for key in found if key not in others]
        if any(other.pronoun == "viewer" for other in relation.to) and not others:
            return None
        return others

    def is_related(
        self, key: str, relation: Relation, others: list[str], *, is_loose: bool = False
    ) -> bool:
        """Whether a thing lies so to any of the others."""
        a = relations.placed(self.view, key)
        if relation.kind == "between" and len(others) > 2:
            pairs = [(p, q) for i, p in enumerate(others) for q in others[i + 1 :]]
            return any(
                relations.holds(self.view, "between", a, [p, q])
                for p, q in pairs
                if key not in (p, q)
            )
        return relations.holds(
            self.view, relation.kind, a, others, relation.frame, is_loose=is_loose
        )

    # order -----------------------------------------------------------------------------------------

    def ordered(self, keys: list[str], order: Order) -> list[str]:
        """The chosen ones of that order; more than asked for where they tie."""
        values = self.sorted(keys, order)
        if order.is_middle:
            if order.measure in ("order", "left", "right"):
                values = along_their_row(self.view, keys, values)
            middle = (len(values) - 1) / 2
            return [key for i, (_, key) in enumerate(values) if abs(i - middle) < 0.6]
        index = order.index if order.index >= 0 else len(values) + order.index
        if not 0 <= index < len(values):
            only = f"are only {len(values)}" if len(values) > 1 else "is only one"
            raise Cannot(f"There {only} of them.")
        chosen = values[index : index + order.count]
        if order.measure == "order":
            return [key for _, key in chosen]
        last = chosen[-1][0]
        near = 0.01 * abs(last) if order.measure in ("size", "volume") else _TIE
        tied = [entry for entry in values if abs(entry[0] - last) <= near and entry not in chosen]
        return [key for _, key in [*chosen, *tied]]

    def sorted(self, keys: list[str], order: Order) -> list[tuple[float, str]]:
        """(value, id), first first."""
        if order.measure == "order" and (
            set(keys) <= set(self.focus.things) or set(keys) <= set(self.view.document.selection)
        ):
            known = [k for k in (*self.focus.things, *self.view.document.selection) if k in keys]
            return [(float(i), key) for i, key in enumerate(dict.fromkeys(known))]
        if order.measure == "order":
            order = replace(order, measure="left", is_descending=True)
        others = (
            list(self.fitting(order.to))
            if order.to is not None and order.to.pronoun != "viewer"
            else []
        )
        values = [
            (measured(self.view, key, order.measure, others), i, key)
            for i, key in enumerate(keys)
            if key not in others
        ]
        values.sort(key=lambda entry: (-entry[0] if order.is_descending else entry[0], entry[1]))
        return [(value, key) for value, _, key in values]
