"""Plans as a line of text, for tests: what differs from the default; references as noun[property]<order>{relation}."""

from dataclasses import fields

from maquette.editing.plan import (
    Attribute,
    Clarification,
    EditPlan,
    Order,
    Ref,
    Relation,
)


def num(v):
    return f"{v:.4g}"


def ref(r):
    if r.ids:
        return "ids:" + ",".join(r.ids)
    out = {"one": "", "many": "all ", "any": "a "}[r.number]
    if r.count is not None:
        out += f"{r.count} "
    out += (
        (r.pronoun and f"@{r.pronoun}")
        + (" " if r.pronoun and r.noun else "")
        + (r.noun or ("" if r.pronoun else "thing"))
    )
    for a in r.attributes:
        out += f"[{'!' if a.is_negated else ''}{a.value}]"
    if r.order:
        out += order(r.order)
    for x in r.relations:
        out += "{" + rel(x) + "}"
    for x in r.excluding:
        out += " -(" + ref(x) + ")"
    for x in r.also:
        out += " & " + ref(x)
    return out


def order(o):
    out = ("~" if o.is_middle else "+" if o.is_descending else "-") + o.measure
    if o.index:
        out += f".{o.index + 1 if o.index >= 0 else o.index}"
    if o.count != 1:
        out += f"x{o.count}"
    if o.to:
        out += " " + ref(o.to)
    return f"<{out}>"


def rel(x):
    out = ("!" if x.is_negated else "") + x.kind
    if x.frame != "viewer":
        out += "/" + x.frame
    if x.side:
        out += "." + x.side
    if x.distance is not None:
        out += f"@{num(x.distance)}"
    for t in x.to:
        out += " " + (ref(t) if len(x.to) == 1 else f"({ref(t)})")
    return out


def val(v):
    if isinstance(v, Ref):
        return "(" + ref(v) + ")"
    if isinstance(v, Relation):
        return "{" + rel(v) + "}"
    if isinstance(v, Order):
        return order(v)
    if isinstance(v, Attribute):
        return f"[{'!' if v.is_negated else ''}{v.value}]"
    if isinstance(v, tuple):
        if v and isinstance(v[0], Relation):
            return "".join(val(x) for x in v)
        return ",".join(num(x) for x in v)
    if isinstance(v, bool):
        return "yes" if v else "no"
    if isinstance(v, (int, float)):
        return num(v)
    return str(v)


def op(o):
    parts = []
    for f in fields(o):
        v = getattr(o, f.name)
        default = f.default
        if f.name == "targets" and isinstance(v, Ref):
            parts.append(ref(v))
            continue
        if v == default:
            continue
        if f.name == "color" and getattr(o, "color_name", ""):
            continue
        if f.name == "relations":
            parts.append(val(v))
            continue
        parts.append(f"{f.name.removeprefix('is_') if v is True else f.name + '=' + val(v)}")
    return f"{type(o).__name__}: " + ", ".join(parts)


def brief(p):
    if isinstance(p, EditPlan):
        return "; ".join(op(o) for o in p.operations)
    if isinstance(p, Clarification):
        return "?? " + p.question
    return "!! " + p.reason
