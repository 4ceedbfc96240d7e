"""Verbs and what kind of instruction they begin."""

from maquette.editing.grammar.cursor import Phrases, words

VERBS: Phrases[str] = Phrases(
    {
        "move|shift|slide|nudge|push|pull|drag|shove|scoot|roll|translate|step|budge|kick|tow|transfer|drive|walk"
        "|bump|haul|carry|relocate|displace|offset|wheel|tug|scooch|bring|take|get|send|transport|ease|edge|jog|fetch"
        "|shuffle|scootch|inch|advance|retract|sweep|grab|pick up|pick|steer": "move",
        "raise|lift|elevate|hoist|lift up|raise up|heave": "raise",
        "lower|drop|sink|let down|bring down": "lower",
        "put|place|set|lay|stick|pop|chuck|toss|plonk|plop|park|serve|tuck|position|locate|install|hang|rest|store"
        "|leave|dump|throw|fling|stow|set down|put down|lay down|plant|stand|mount|prop|lean|deposit|sling|drop off"
        "|stash|insert|fit|shelve|arrange to have|seat|perch|settle|slot|plunk|whack|bung|lob|slap|centre|center|float"
        "|slip|squeeze|wedge|nestle|return|put back|bring back to|move back|have": "place",
        "rotate|turn|spin|swivel|twist|revolve|pivot|swing|reorient|swirl|angle|turn around|turn round": "rotate",
        "tilt|tip|tip over|roll over|flip over|topple|knock over|lean over|turn over|invert|flip|upend|lay flat"
        "|turn upside down|flip upside down": "tip",
        "straighten|straighten up|stand up|set upright|right|erect": "upright",
        "face|point|look|orient|orientate|direct|aim|have look": "face",
        "scale|resize|rescale|size": "scale",
        "enlarge|grow|blow up|blow|magnify|expand|increase|upscale|scale up|size up|make bigger|boost|embiggen|inflate"
        "|extend": "enlarge",
        "shrink|reduce|scale down|decrease|downscale|size down|diminish|downsize|contract|minify|cut|cut down": "shrink",
        "stretch|lengthen|elongate": "lengthen",
        "widen|broaden": "widen",
        "heighten": "heighten",
        "shorten": "shorten",
        "narrow|slim": "narrow",
        "thicken": "thicken",
        "double|duplicate the size of": "double",
        "halve": "halve",
        "triple|treble": "triple",
        "quadruple": "quadruple",
        "paint|colour|color|recolour|recolor|tint|dye|respray|spray|tone|repaint|stain|spray paint|coat|shade|finish"
        "|varnish|decorate|recolor": "paint",
        "lighten|whiten|brighten up|lighten up": "lighten",
        "darken|blacken|darken down": "darken",
        "brighten": "brighten",
        "desaturate|mute": "desaturate",
        "saturate": "saturate",
        "polish|buff": "polish",
        "make|let|give|change|keep|render|convert|transform|modify|adjust|alter|turn into|change into|tweak"
        "|update|edit|redo in|i want|want": "make",
        "delete|remove|erase|ditch|scrap|trash|bin|get rid of|throw out|throw away|toss out|chuck out|clear|wipe|kill"
        "|discard|dispose of|lose|take away|destroy|eliminate|do away with|clear away|clear off|clean up|tidy away"
        "|clear out|cut out|nuke|zap|purge|strip|rid of|bin off|toss away|chuck away|dump out|take out|drop it|axe"
        "|wipe out|dispose|empty": "delete",
        "duplicate|copy|clone|replicate|make a copy of|make copies of|make a duplicate of|make another|multiply|mirror"
        "|make a clone of|create a copy of|create copies of|make two copies of|double up": "duplicate",
        "add|create|insert a|spawn|make me|put in|bring in|i need|i could use|need|give me|add in|place a new|put up"
        "|drop in|build|generate|we need|could use|get me|we could use|i would like|would like": "add",
        "swap|exchange|switch|trade|interchange|switch around|swap around|swap over|switch over|swap out": "swap",
        "replace|substitute|swap for|switch for|exchange for": "replace",
        "line|line up|align|arrange|stack|pile|pile up|stack up|distribute|space|space out|spread|spread out|sort|order"
        "|form|gather|organise|organize|lay out|set out|array|rearrange|heap|heap up|put in order|even out|cluster"
        "|row up|queue|queue up|fan out|scatter": "arrange",
        "group|put in a group|bundle|join into a group|collect": "group",
        "ungroup|split up|dissolve": "ungroup",
        "unparent|detach|unlink|free": "unparent",
        "parent|attach|child": "parent",
        "rename|name|call|label|relabel|tag|title|entitle|re name|baptise|dub": "rename",
        "hide|conceal|make invisible|hide away|make disappear|make vanish|mask": "hide",
        "show|unhide|reveal|make visible|bring back into view|display|un hide|make appear|uncover|show again": "show",
        "isolate|solo|show only|show just|hide everything except|hide everything but|hide all but|hide all except"
        "|hide everything else except": "isolate",
        "lock|freeze|pin": "lock",
        "unlock|unfreeze|unpin": "unlock",
        "select|highlight|pick out|mark|choose": "select",
        "deselect|unselect": "deselect",
        "turn on|switch on|light up|power on|activate|put on|enable|fire up": "on",
        "turn off|switch off|power off|put out|shut off|extinguish|deactivate|disable|turn out|switch out": "off",
        "dim|turn down|dim down": "dim",
        "turn up|intensify": "brighten",
        "zoom|zoom in|zoom out": "zoom",
        "pan": "pan",
        "orbit|circle around|fly around|go around|circle": "orbit",
        "dolly|truck|pedestal|crane|track": "dolly",
        "frame|focus on|zoom to|focus|frame up|zoom in on": "frame",
        "look through|switch to|go to|use|jump to|view through|change to|show me the view of|view from|activate camera"
        "|cut to": "view",
        "undo|revert|roll back|take back|take that back|restore|reset|unmake": "undo",
        "redo": "redo",
        "repeat|do it again|do that again|again|once more|and again|one more time|same again|repeat that|do the same"
        "|another time": "repeat",
        "apply|use the": "apply",
    }
)
NOT_EDITS = words(
    "email mail print save export import load upload download post share tweet publish buy order"
)
# words that say nothing about what to do
FILLERS = words(
    "please kindly just now then also maybe perhaps hey hi hello ok okay okey yo well so oh um uh erm alright right"
    " thanks thank cheers lol mate dude buddy quickly gently carefully slowly softly nicely simply really actually"
    " basically instead too again though sir haha bro man guys btw immediately asap finally afterwards later"
    " first firstly secondly lastly already still yeah yep yes sure great fine good cool nice neatly somehow only like"
    " straight even altogether here there together thankyou ta once probably preferably anymore"
    " neat proper properly exactly precisely lovely darling almost ideally sorry oops whoops hmm hm ah aha"
    " anyway honestly literally instead"
)
POLITE = (
    "can you|could you|would you|will you|can we|could we|can i|could i|may i|would you please|could you please"
    "|can you please|i want you to|i would like you to|i need you to|please|would you mind|you should|you must|let us"
    "|i want to|i would like to|i need to|we need to|we should|you can|you could|go ahead and|go and|try to|do|i think"
    "|make sure|make sure that|let me|help me|help me to|i wish to|i wish|how about|what about|what if you|might you"
    "|is it possible to|would it be possible to|it would be nice if you could|would be nice if you could|i am asking you"
    " to|we want to|we would like to|i have to|your job is to|the next thing is to|just go and|why do not you"
    "|please can you|please could you|kindly|let us have|from now on|for now|be so kind and|be a dear and|feel free to"
    "|it is time to|time to|remember to|do not forget to|how about you|are you able to|i guess|i reckon|we have to"
    "|could you maybe|could you just|can you just|would you kindly"
)
for _word in POLITE.replace("|", " ").split():
    words(_word)
