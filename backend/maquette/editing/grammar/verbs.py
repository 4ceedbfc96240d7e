"""Verbs in all their forms, and what kind of instruction they begin. "turn off" and "turn … off" are one entry."""

from dataclasses import dataclass

from maquette.editing.grammar.cursor import Phrases, words

# kind: verbs as one says them in an imperative
_KINDS = {
    "move": "move|shift|slide|nudge|push|pull|drag|shove|scoot|roll|translate|step|budge|kick|tow|transfer|drive"
    "|walk|bump"
    "|haul|carry|relocate|displace|offset|wheel|tug|scooch|bring|take|get|send|transport|ease|edge|jog|fetch|shuffle"
    "|scootch"
    "|inch|advance|retract|sweep|grab|pick|pick up|steer|drift|travel|creep|reposition|yank"
    "|hustle|shoo|chase|send away|mv|take down"
    "|get down",
    "raise": "raise|lift|elevate|hoist|lift up|raise up|heave|bring up|rise",
    "lower": "lower|drop|sink|let down|bring down|lower down",
    "place": "put|place|set|lay|load|stick|pop|chuck|toss|plonk|plop|park|serve|tuck|position|locate|install|rest|store"
    "|leave"
    "|dump|throw|fling|stow|set down|put down|plant|stand|mount|prop|lean|deposit|sling|drop off|stash|insert|fit"
    "|shelve|seat|perch|settle|slot|plunk|whack|bung|lob|slap|center|centre|float|slip|squeeze|wedge|nestle|return"
    "|put back"
    "|have|put away|stow away|pack|drape|hook|balance|fix|sit|slam|shove in|bury|hide away in|nest|land",
    "hang": "hang|hang up",
    "rotate": "rotate|turn|spin|swivel|twist|revolve|pivot|swing|reorient|swirl|angle",
    "turn_around": "turn around|turn round|spin around|spin round|swing around|swing round|swivel around|rotate around"
    "|rotate round|swivel round|about face|flip around",
    "tip": "tilt|tip|lean over|slant",
    "lay": "tip over|knock over|topple|topple over|push over|lay down|lie down|lay flat|lay over|tilt over|knock down",
    "upend": "turn over|roll over|flip|flip over|invert|upend|turn upside down|flip upside down"
    "|stand on its head|turn on its head",
    "upright": "straighten|straighten up|stand up|set upright|erect|stand back up|set up straight|put upright"
    "|stand upright|prop up",
    "face": "face|point|look|orient|orientate|direct|aim|have look|gaze|stare",
    "scale": "scale|resize|rescale|size",
    "enlarge": "enlarge|grow|blow up|blow|magnify|expand|increase|upscale|scale up|size up|boost|embiggen|inflate"
    "|extend|bump up",
    "shrink": "shrink|trim|prune|reduce|scale down|decrease|downscale|size down|diminish"
    "|downsize|contract|minify|cut|cut down"
    "|minimize"
    "|minimise|compress|squash|shrink down",
    "lengthen": "stretch|lengthen|elongate", "widen": "widen|broaden", "heighten": "heighten", "shorten": "shorten",
    "narrow": "narrow|slim|slim down", "thicken": "thicken",
    "double": "double|double up", "halve": "halve", "triple": "triple|treble", "quadruple": "quadruple",
    "paint": "paint|colour|color|recolour|recolor|tint|dye|respray|spray|tone|repaint|stain|spray paint|coat|shade"
    "|finish"
    "|varnish|decorate|redecorate|recoat|lacquer",
    "lighten": "lighten|whiten|brighten up|lighten up", "darken": "darken|blacken|darken down",
    "brighten": "brighten|intensify",
    "desaturate": "desaturate|mute", "saturate": "saturate", "polish": "polish|buff",
    "make": "make|let|give|change|keep|render|convert|transform|modify|adjust|alter|turn into|change into|tweak"
    "|update|edit"
    "|try",
    "delete": "delete|remove|erase|ditch|scrap|trash|bin|get rid of|throw out|throw away|toss out|chuck out|wipe|kill"
    "|discard|dispose of|lose|take away|destroy|eliminate|do away with|clear away|tidy away|cut out|nuke|zap|purge"
    "|strip"
    "|rid of|bin off|toss away|chuck away|dump out|axe|wipe out|dispose|yeet|bin it|banish|take out|rub out|dismiss",
    "clear": "clear|empty|clear off|clear out|clean up|clean off|tidy up|wipe clean|strip bare"
    "|clear up|empty out|tidy off|clean out",
    "": "clean|tidy|knock|scrub",  # only with a particle: "clean the bench off"
    "duplicate": "duplicate|copy|clone|replicate|multiply|mirror|make another|repeat|copy over",
    "add": "add|create|insert a|spawn|make me|put in|bring in|add in|put up|drop in|build|generate",
    "swap": "swap|exchange|switch|trade|interchange|change places|change positions|swap places"
    "|swap positions|swap spots|switch places|switch positions|switch spots|trade places"
    "|trade positions|trade spots|exchange places|exchange positions|switch around|swap around"
    "|swap over|switch over|swap out"
    "|switch out",
    "replace": "replace|substitute|swap for|switch for|exchange for",
    "arrange": "line|line up|align|arrange|stack|pile|pile up|stack up|distribute|space|space out|spread|spread out"
    "|sort|order"
    "|form|gather|organise|organize|lay out|set out|array|rearrange|heap|heap up|put in order|even out|cluster"
    "|row up|queue"
    "|queue up|fan out|scatter|straighten out|regroup|redistribute|collect",
    "group": "group|bundle|join into a group|group together|bundle together",
    "ungroup": "ungroup|split up|dissolve", "unparent": "unparent|detach|unlink|free|separate",
    "parent": "parent|attach|child",
    "rename": "rename|name|call|label|relabel|tag|title|entitle|re name|baptise|dub|christen|mark as",
    "hide": "hide|conceal|hide away|mask|turn invisible|make disappear|make vanish|fade out"
    "|fade away|blend out|hide from view",
    "show": "show|unhide|reveal|display|un hide|uncover|show again|bring back into view|make appear",
    "isolate": "isolate|solo|show only|show just|display only|display just",
    "lock": "lock|freeze|pin", "unlock": "unlock|unfreeze|unpin",
    "select": "select|highlight|pick out|mark|choose", "deselect": "deselect|unselect",
    "on": "turn on|switch on|light up|power on|activate|put on|enable|fire up|turn back on|switch back on|flick on"
    "|light",
    "off": "turn off|turn of|switch of|switch off|power off|put out|shut off|extinguish"
    "|deactivate|disable|turn out|switch out"
    "|blow out|flick off"
    "|power down|kill the light in",
    "dim": "dim|turn down|dim down|tone down", "turn_up": "turn up|turn on brighter",
    "zoom": "zoom|zoom in|zoom out", "pan": "pan", "orbit": "orbit|circle around|fly around|go around|circle",
    "dolly": "dolly|truck|pedestal|crane|track", "frame": "frame|focus on|zoom to|focus|frame up|zoom in on"
    "|center on|centre on",
    "view": "look through|switch to|go to|jump to|view through|change to|view from|cut to|activate camera|use camera",
    "apply": "apply|use",
}  # fmt: skip
_IRREGULAR = {
    "put": "put", "set": "set", "lay": "laid", "stick": "stuck", "take": "took taken", "bring": "brought",
    "get": "got gotten",
    "send": "sent", "drive": "drove driven", "throw": "threw thrown", "stand": "stood", "hang": "hung", "lean": "leant",
    "spin": "spun", "swing": "swung", "sit": "sat", "lie": "lay lain", "fit": "fit", "grow": "grew grown",
    "blow": "blew blown",
    "shrink": "shrank shrunk", "cut": "cut", "make": "made", "let": "let", "give": "gave given", "keep": "kept",
    "lose": "lost", "strike": "struck", "spread": "spread", "swap": "swapped", "hide": "hid hidden", "show": "shown",
    "choose": "chose chosen", "light": "lit", "sink": "sank sunk", "fling": "flung", "sling": "slung", "leave": "left",
    "build": "built", "fly": "flew flown", "have": "had", "sweep": "swept", "creep": "crept", "rise": "rose risen",
    "freeze": "froze frozen", "shut": "shut", "pick": "picked", "stow": "stowed", "bury": "buried", "find": "found",
}  # fmt: skip
UNCHANGED = frozenset(verb for verb, past in _IRREGULAR.items() if verb in past.split())  # "be put"
_DOUBLED = words(
    "drag scoot pop chuck plop slip spin swap trim cut put set get stick hang sit shut pan"
    " grab tug tip flip strip plan fit scrap"
    " bin zap rid tag step jog dim slot let run plug pin lob slap slam bump ship trip"
)
_NOT_DOUBLED = words("scoot chuck stick hang bump")


@dataclass(frozen=True)
class Verb:
    """A verb as found: what it asks for, its base form, and the form that was used."""

    kind: str
    base: str
    form: str = "base"  # base, s, ing, past


def _forms(word: str) -> dict[str, str]:
    """Inflected forms of one verb."""
    stem = word
    if word.endswith("e") and not word.endswith("ee"):
        stem = word[:-1]
    elif word in _DOUBLED - _NOT_DOUBLED:
        stem = word + word[-1]
    ing = stem + "ing"
    if word == "lie":
        ing = "lying"
    if word[-1] == "y" and word[-2] not in "aeiou":
        past, third = word[:-1] + "ied", word[:-1] + "ies"
    else:
        past = stem + "ed"
        third = word + ("es" if word.endswith(("s", "x", "ch", "sh", "z", "go")) else "s")
    forms = {word: "base", third: "s", ing: "ing", past: "past"}
    if word in _IRREGULAR:
        del forms[past]
        forms |= {
            form: "past" for form in _IRREGULAR[word].split() if form != word or word not in forms
        }
    if word.endswith("l") and word[-2] in "aeiou" and word[-3] not in "aeiou":
        forms |= {word + "led": "past", word + "ling": "ing"}  # "levelled", "swivelling"
    return forms


def _tables() -> tuple[Phrases[Verb], Phrases[Verb]]:
    base: dict[str, Verb] = {}
    inflected: dict[str, Verb] = {}
    for kind, verbs in _KINDS.items():
        for phrase in verbs.split("|"):
            words = phrase.split()
            base[phrase] = Verb(kind, phrase)
            for form, tense in _forms(words[0]).items():
                changed = " ".join((form, *words[1:]))
                inflected.setdefault(changed, Verb(kind, phrase, tense))
    return Phrases(base), Phrases(inflected)


VERBS, INFLECTED = _tables()
_PHRASAL = {
    phrase: kind for kind, verbs in _KINDS.items() for phrase in verbs.split("|") if " " in phrase
}
PARTICLES = Phrases({phrase.partition(" ")[2]: phrase.partition(" ")[2] for phrase in _PHRASAL})


def phrasal(verb: Verb, particle: str) -> Verb | None:
    """What "turn … off" is, where that is a verb of its own."""
    phrase = f"{verb.base.split()[0]} {particle}"
    kind = _PHRASAL.get(phrase)
    return Verb(kind, phrase, verb.form) if kind is not None else None
