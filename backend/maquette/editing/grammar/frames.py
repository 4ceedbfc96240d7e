"""What people wrap around a request: politeness, wishes, modals, and words that ask for nothing."""

from maquette.editing.grammar.cursor import Cursor, phrases, words

FILLERS = words(
    "please kindly just now then also maybe perhaps hey hi hello ok okay okey yo well so oh"
    " um uh erm uhm uhh hmmm alright right"
    " thanks thank cheers lol mate dude buddy quickly gently carefully slowly softly nicely simply really actually"
    " basically instead too again though sir haha bro man guys btw immediately asap finally afterwards later"
    " first firstly secondly thirdly lastly already still yeah yep yes sure great fine good"
    " cool nice neatly somehow only like"
    " straight even altogether here there together thankyou ta once probably preferably anymore"
    " neat proper properly exactly precisely lovely darling almost ideally sorry oops whoops hmm hm ah aha"
    " anyway honestly literally instead ugh argh ooh wow pretty quick hopefully possibly kinda"
    " sweetie hun temporarily briefly"
    " completely entirely fully totally nah nope yup aight haha hehe ugh pleease meh welp"
)
_ADVERB = (
    "[also|just|please|maybe|perhaps|possibly|quickly|kindly|then|now|simply|actually"
    "|go ahead and|go and|at least]"
)
POLITE = phrases(
    f"<can|could|would|will|might|may> <you|we|i|<somebody|someone|anybody|anyone> [please]> {_ADVERB}",
    f"should we {_ADVERB}",
    "you <can|could|should|must> [also|now|just]|<we|i> <should|could|can|must|have to|need to> [also|now|just|really]",
    "<i|we> [would|would really|really] <want|need|wish|like|love|prefer> you to|<i|we> <want|need|wish|would like"
    "|would love> to",
    "let us [please|just|also|now]|let me|go ahead and|go and|just go and|try to|try and|do|be so kind and"
    "|be so kind as to"
    "|be a dear and|please to|be so <nice|good|friendly> <and|as to>",
    "<i|we> would be [very|so] <happy|glad|grateful|pleased> if|<i|we> want that|<i|we> would like that|"
    "it would be [so|really|very] <nice|great|good|lovely|cool|awesome|better> if|"
    "make sure [that|to|you]|ensure [that]|feel free to|remember to|do not forget to|[it is] time to|your job is to"
    "|see to it that",
    "is it possible to|would it be possible to|are you able to|why do not <you|we>|why not|i am asking you to",
    "it would be <nice|great|good|lovely|cool|awesome|best|better|helpful> [if <you|we> [could|would|can]]",
    "would be <nice|great|good|better> if you could|what if <you|we>|how about <you|we>|help me [to]|please <can"
    "|could> you",
    "the next thing is to|for now|from now on|<i|we> <think|guess|suppose|reckon|feel|believe|figure> [that] [<you"
    "|we|i>"
    " <should|could|can|must>]",
    "<i|we> <am|was|are|were> <thinking|wondering|hoping> [that|if|whether] [<you|we|i> <could|can|should|might|would>]"
    " [maybe|perhaps]",
    "<can|could|may> <i|we> ask you to|i wonder if you could|i would be happy if you could|i have to ask you to"
    "|do me a favor and"
    "|do me a favour and|be nice and",
    "what if|suppose|imagine [that]|say [that]|kindly|next step is to|next i want to|your task is to",
)
GERUND = phrases(
    "how about|what about|<would|do> you mind|mind|<i|we> <suggest|propose|recommend>|consider|[i am] thinking <of"
    "|about>"
    "|i was thinking <of|about>|think about|start <by|with>|<can|could> <you|we> try|let us try|try|i fancy|<i"
    "|we> feel like"
)
WISH = phrases(
    "<i|we> [really|just|would] <want|need|prefer|love> [to <have|see|get>]|<i|we> would <like|love"
    "|prefer> [to <have|see|get>]"
    "|<i|we> would rather <have|see>|i wish for|i wish|i will have|i like|<i|we> could <use|do with>",
    "<can|could|may|might> <i|we> <have|get|see|try>|give me|get me|let <me|us> <have|try|see>|gimme"
    "|it would be <nice|great|good|lovely|cool|better> to <have|see|get>|let us see|how about|what about"
    "|would be nice to have"
)  # fmt: skip
ONLY_SEE = phrases(
    "<i|we> <only|just> want to see|<i|we> want to <only|just> see|<i|we> want to see <only"
    "|just>|<only|just> <show|display> [me]"
    "|<show|display> [me] <only|just>|<i|we> <would like|want|need> to <look|see> only [at]|[please] look only at"
    "|<i|we> <only|just> want to <look at|have>|[<i|we> want to see] nothing but|i only <need|want> [to see]"
)
NO_NEED = phrases(
    "<i|we> [really] do not <want|need> [to have]|<i|we> no longer <want|need>|i am done with|<i"
    "|we> can do without"
    "|no more|no need for|there should be no [more]|there must be no [more]|there should not be any [more]|away with"
    "|down with"
    "|enough of|without|<i|we> have no [more|further] <need|use> for|<i|we> do not need [any] [more]|out with"
)
NO_LIKING = phrases(
    "<i|we> [really] <do not|no longer|never> <like|love|fancy>|<i|we> <hate|dislike>"
)
NO_WISH = phrases(
    "do not <show|display> [me]|stop showing [me]|<i|we> <do not|no longer> <want|need> [to have] <visible|shown>|"
    "<i|we> <do not|no longer|never> <want|need|wish|like> to <see|look at>|<i|we> can not stand <seeing|looking at>"
    "|<i|we> do not want to have to <see|look at>|<i|we> should not see"
)
_NOW = (
    "[also|now|all|both|really|just|probably|maybe|perhaps|please|then|instead|actually"
    "|rather|please also|preferably]"
)
MODAL = phrases(
    f"<should|must|shall|can|could|would|will|may|might|ought to|needs to|need to|has to|have to|had better|wants to"
    f"|want to"
    f"|is to|are to|is supposed to|are supposed to|is meant to|are meant to|is going to|gets to|deserves to|got to"
    f"|better> {_NOW}"
    f" [be|become|get|have|go|stay|remain|<use|do with> [being]]",
    f"<needs|need|gets|get|becomes|become|has|have|wants|want|deserves|turns|turn|goes|go|requires> {_NOW}",
    "would be better off|would look <better|nicer|good|great> [in|as|if it was|if it were]|would <go|fit> better"
    "|would be nicer"
    "|<looks|stands|fits|sits> <better|nicer>|look better|would be nice|is <better|best|nicer>"
    "|<is|are> <now|from now on|hereby>",
    "<is|are|was|were|be|being|to be|'s>",
)
SHINE = phrases("<shine|beam|glow> [down|brightly] <on|onto|at|toward|towards>")
# what stays when "should be" is stripped: "stand", "belong": a place follows
STATIVE = phrases(
    "<go|goes|belong|belongs|stand|stands|standing|sit|sits|sitting|sleep|sleeps|sleeping|nap|naps|lie|lies|lying|rest|rests|resting|hang|hangs"
    "|hanging|going|live"
    "|lives|come|comes|stay|stays|remain|be|located|placed|situated|positioned|end up|fit|land|lands|look better"
    "|look nicer>"
    " [back|better|down|up|nicely|right|best|again]"
)
OPINION = phrases(
    "[a bit|a little|way|much|far|rather|quite|really|so|very|pretty|just|kind of|not] [too] <tiny|ugly|boring|fine"
    "|nice|wrong|bad"
    "|missing|horrible|weird|awful|good|pretty|terrible|dull|lonely|crowded|messy|hideous|sad|great|ok|okay|lame"
    "|cramped|plain"
    "|bland|off|empty|cluttered|gross|outdated|cheap> [there|here|like that|like this|for me|to me]",
    "[a bit|a little|way|much|far|rather|so] <too|to> <big|small|large|tall|short|wide|narrow|long|high|low|bright|dark"
    "|far|close|weak"
    "|strong|dim|heavy|light|shiny|thin|thick|near|little|much> [away] [there|here|for that|for this|for me|now]",
    "<a bit|a little|rather|quite|really|so|very|pretty|kind of> <big|small|large|tall|short"
    "|wide|narrow|long|high|low|bright|dark|dim"
    "|shiny|thin|thick> [there|here|for my taste|now]",
    "[really|just|always|still|so] <in the way|out of place|in my way>|not <big|tall|bright|wide|long|dark> enough"
)  # fmt: skip
NOT_EDITS = words(
    "email mail print save export import upload download post share tweet publish buy animate"
    " render simulate"
)
TAG = phrases(
    "<thanks|thank you> <a lot|so much|very much|a million|in advance|again|a bunch>"
    "|many thanks|as well|<i|we> <think|guess|suppose|reckon|believe>"
    "|<every one|all|each|both> of <them|it>|would do|will do|if possible"
    "|if you can|if you like|if you please|if you do not mind|if that is ok"
    "|if it is not too much trouble"
    "|<would|will|can|could> you|for me|of course|for now|from now on|thank you [very much|so much]|in the <scene"
    "|room|picture>"
    "|in that case|as you like|for the moment|more time|at all|for good|any more|right now|if it fits|when you can"
    "|in here"
    "|for a <sec|second|minute|min|bit|moment|while|change>|one more time|for a change"
    "|this time|after all|at the same time|at once|by the way|or so|or something|that is all"
    "|a bit for me|if need be|over there|around here|back again|at the moment|for a while|as it were|you know"
)
BETWEEN = phrases(
    "i was [just] <thinking|wondering> <,|:|...|…>|<i|we> <have|had> an idea|you know what"
    "|guess what|listen|one thing|here is the thing|"
    "[i|we] [really] need [some|more|a bit of|a bit more|a little more] <space|room"
    "|light> [here|there|in here|for this] <:|→|,|.|->|"
    "<evening|morning|night|noon|sunset|dusk|dawn|christmas|party [time]|winter|summer"
    "|next [one|step]|task [one|two|three]"
    "|new <task|idea|plan>|idea|request|question|note|todo|to do|problem|attention|good <morning|evening|day>> :|"
    "<open up|make|free up|create> some <space|room> [here|there|first]|make <room|space>|<tidy"
    "|clean> up [a bit|a little|here] <:|,|.>"
    "|one more thing|another thing"
    "|[and] after that|at the same time|by the way|in addition|as well|too|<once|when> you are done|when <that is"
    "|it is|> done"
    "|next|second|third|also|finally|last of all|step one|step two|step three|besides that|apart from that"
    "|on top of that"
    "|in the meantime|meanwhile|thank you|okay so|while you are at it|while we are at it|for a start|to start with"
)  # fmt: skip
_ENDS = phrases(",|.|;|!|?|and|then|please|so|thanks|thx|but|:|-")


def ends_clause(cursor: Cursor) -> bool:
    """Whether the clause is over."""
    return cursor.is_done or cursor.sees(_ENDS)
